"""The JSON Schema knows what a configuration may hold: right ones fit, and wrong ones do not."""

import copy
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import strangers
from assembling import HEAD
from autopyfactory.app import registry
from autopyfactory.app.schema import schema

ROOT = Path(__file__).parents[2]
EXAMPLES, DOCS = ROOT / "examples", ROOT / "docs"


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    return Draft202012Validator(schema())


def find(validator, text):
    """Where a configuration does not fit."""
    return [error.json_path for error in validator.iter_errors(tomllib.loads(text))]


def test_it_is_a_schema_of_its_dialect(validator):
    Draft202012Validator.check_schema(validator.schema)
    assert validator.schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize(
    "path", sorted(EXAMPLES.rglob("*.toml")), ids=lambda path: str(path.relative_to(EXAMPLES))
)
def test_every_example_fits(validator, path):
    assert find(validator, path.read_text()) == []


@pytest.mark.parametrize(
    "block", re.findall(r"```toml\n(.*?)```", (DOCS / "configuration.md").read_text(), re.DOTALL)
)
def test_what_the_documentation_shows_fits(validator, block):
    assert find(validator, block) == []


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("", []),
        ('[defaults.local]\npilot.cores = 3\ninterval = "5m"', []),
        ('[queue.A]\npolicies = [{ kind = "max_pending", name = "few" }]\npolicy.few.limit = 3', []),
        ("[queue.A]\nwork = {}\npilot = {}\nlike = ['a']\ninterval = 5", []),
        ("[que.A]", ["$"]),
        ("[factory]\nidd = 3", ["$.factory", "$.factory"]),
        ('[target.a]\nkind = "locl"', ["$.target.a"]),
        ('[target.a]\nkind = "local"\nslots = "many"', ["$.target.a"]),
        ('[target.a]\nkind = "dry_run"', ["$.target.a"]),
        ('[target."a b"]\nkind = "local"', ["$.target"]),
        ('[credential.a]\nkind = "file"\npath = "proxy"\nminimum = "1h"', []),
        ('[credential.a]\nkind = "file"', ["$.credential.a"]),
        ("[queue.A]\ncredentials = ['a']", []),
        ("[queue.A]\ncredentials = 'a'", ["$.queue.A.credentials"]),
        ("[queue.A]\nintervl = 3", ["$.queue.A"]),
        ('[queue.A]\npolicies = [{ kind = "redy" }]', ["$.queue.A.policies[0]"]),
        ('[queue.A]\npolicies = [{ kind = "ready", offset = -1 }]', ["$.queue.A.policies[0]"]),
        ("[queue.A]\npolicy.max_pending.limit = 2.5", ["$.queue.A.policy.max_pending.limit"]),
        ("[queue.A]\npilot.corse = 3", ["$.queue.A.pilot"]),
        ('[queue.A]\npilot.grid = { kind = "arc", endpoint = "https://a" }', []),
        ('[queue.A]\npilot.grid = { kind = "cream", host = "a" }', ["$.queue.A.pilot"]),
        ("[defaults]\nlike = 'a'", ["$.defaults"]),
        ("[defaults.local]\ntarget = 'a'", ["$.defaults.local"]),
    ],
)
def test_what_fits_and_what_does_not(validator, text, paths):
    assert find(validator, text) == paths


def walk(part: Any):
    """All tables of a schema."""
    if isinstance(part, dict):
        yield part
        for value in part.values():
            yield from walk(value)
    elif isinstance(part, list):
        for value in part:
            yield from walk(value)


def test_every_plugin_is_in_it_with_its_documentation(validator):
    parts = {name: part for name, part in validator.schema["$defs"].items() if name not in ("work", "pilot")}
    kinds = {
        table["properties"]["kind"]["const"]: table.get("description")
        for table in walk({**validator.schema, "$defs": parts})
        if isinstance(table.get("properties"), dict) and "const" in table["properties"].get("kind", {})
    }
    groups = ("policies", "sources", "targets", "monitors", "credentials", "catalogs")
    named = {kind for group in groups for kind in registry.kinds(group)}
    assert set(kinds) == named
    assert all(kinds.values())


def test_all_that_it_refers_to_is_there(validator):
    found = {table["$ref"] for table in walk(validator.schema) if isinstance(table.get("$ref"), str)}
    assert found == {f"#/$defs/{name}" for name in validator.schema["$defs"]}


def test_it_is_the_same_each_time():
    first = copy.deepcopy(schema())
    assert schema() == first


def test_what_cannot_be_loaded_may_hold_anything(monkeypatch):
    strangers.declare(monkeypatch)
    lenient = Draft202012Validator(schema())
    text = HEAD + '[target.x]\nkind = "lost"\nwhatever = 3\n[queue.A]\npilot.whatever = 3'
    assert find(lenient, text) == []
    assert find(lenient, HEAD + '[target.x]\nkind = "simple"\nwhatever = 3') == ["$.target.x"]
