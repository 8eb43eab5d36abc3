"""What every policy of ours owes to those who use it: a page, the kit, and limits that somebody chose."""

from dataclasses import fields
from pathlib import Path

import pytest
from pydantic import ValidationError

from autopyfactory.testing import shipped
from autopyfactory.testing.strategies import adapter

PAGE = Path(__file__).parents[2] / "docs" / "policies.md"
POLICIES = Path(__file__).parents[2] / "src" / "autopyfactory" / "policies"
every_policy = pytest.mark.parametrize("kind", list(shipped()))


def test_every_file_is_declared():
    assert {path.stem for path in POLICIES.glob("[a-z]*.py")} == set(shipped())


@every_policy
def test_it_passes_the_kit(kind):
    text = (Path(__file__).parent / f"test_{kind}.py").read_text("utf-8")
    assert f"(PolicyContract):\n    plugin = {shipped()[kind].__name__}\n" in text


@every_policy
def test_the_operators_page_tells_of_it_and_of_every_option(kind):
    _, found, rest = PAGE.read_text("utf-8").partition(f"\n### {kind}\n")
    section = rest.partition("\n##")[0]
    assert found
    for option in fields(shipped()[kind]):
        assert f"`{option.name}`" in section


@pytest.mark.parametrize("kind", [kind for kind in shipped() if kind.startswith(("max_", "min_"))])
def test_a_limit_has_no_default(kind):
    with pytest.raises(ValidationError, match=r"limit\n +Field required"):
        adapter(shipped()[kind]).validate_python({})


@pytest.mark.parametrize(
    ("kind", "option", "value"),
    [
        ("ready", "offset", -1),
        ("ready", "unit", "pilots"),
        ("scale", "factor", -0.5),
        ("scale", "factor", float("nan")),
        ("scale", "factor", float("inf")),
        ("scale", "factor", "0.5"),
        ("max_pending", "limit", -1),
        ("max_pending", "limit", 2.5),
        ("max_pending", "limit", "10"),
        ("max_pending", "limit", True),
        ("max_pending", "may_retire", "yes"),
        ("throttle", "ratio", 1.5),
        ("throttle", "ratio", -0.1),
        ("throttle", "ratio", float("nan")),
        ("throttle", "interval", "an hour"),
        ("throttle", "interval", "-1h"),
        ("throttle", "interval", 1e30),
        ("weighted_activated", "pending", float("nan")),
    ],
)
def test_a_wrong_value_is_an_error_of_that_option(kind, option, value):
    required = {"limit": 1} if kind.startswith("max_") else {}
    with pytest.raises(ValidationError) as caught:
        adapter(shipped()[kind]).validate_python({**required, option: value})
    assert [error["loc"] for error in caught.value.errors()] == [(option,)]
