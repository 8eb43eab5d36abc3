"""The definition of a queue: all that it runs under, as one text that is kept with its reports."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic.errors import PydanticUserError
from pydantic_core import PydanticSerializationError

from autopyfactory.app import registry
from autopyfactory.app.assembly.chain import make_chain
from autopyfactory.app.assembly.recipes import GROUPS, Recipe
from autopyfactory.app.assembly.tables import QueueTable
from autopyfactory.app.assembly.validation import adapter
from autopyfactory.errors import ConfigError
from autopyfactory.options import Options, write_duration
from autopyfactory.ports import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a queue is made of."""

    source: Recipe
    target: Recipe
    work: Options
    pilot: Options
    policies: Sequence[Policy]
    shadow: Sequence[Policy] = ()


def define(table: QueueTable, parts: Parts) -> str:
    """Sections, work, pilot and chain with all their options, defaults too, and versions: sorted JSON."""
    chain = [
        describe_policy(entry, table.policy, policy)
        for entry, policy in zip(table.policies, parts.policies, strict=True)
    ]
    shadow = [
        describe_policy(entry, {}, policy) for entry, policy in zip(table.shadow, parts.shadow, strict=True)
    ]
    whole = {
        "source": describe_section(parts.source),
        "target": describe_section(parts.target),
        "work": parts.work.model_dump(mode="json"),
        "pilot": parts.pilot.model_dump(mode="json"),
        "policies": chain,
        "shadow": shadow,
        "interval": write_duration(table.interval),
        "when_unknown": None if table.when_unknown is None else table.when_unknown.submit,
        "weight": table.weight,
        "guard": table.guard.model_dump(mode="json"),
        "credentials": list(table.credentials),
        "packages": dict(sorted(packages(parts, (policy["kind"] for policy in (*chain, *shadow))))),
    }
    return json.dumps(whole, sort_keys=True, default=str)


def describe_section(recipe: Recipe) -> Mapping[str, Any]:
    """A section, and the one that it is wrapped around."""
    inner = {} if recipe.inner is None else {"inner": describe_section(recipe.inner)}
    options = recipe.options.model_dump(mode="json")
    return {"name": recipe.place.section, "kind": recipe.kind, "options": options, **inner}


def describe_policy(
    entry: Mapping[str, Any], overrides: Mapping[str, Mapping[str, Any]], policy: Policy
) -> Mapping[str, Any]:
    """One entry of the chain as it is in force; of a stranger's that cannot be written, as it was written."""
    written = {**entry, **overrides.get(entry.get("name", entry["kind"]), {})}
    try:
        return {**written, **adapter(type(policy)).dump_python(policy, mode="json")}
    except (PydanticUserError, PydanticSerializationError):
        return written


def packages(parts: Parts, policies: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Name and version of every package that a plug-in of this queue comes from."""
    found = [("policies", kind) for kind in policies]
    for word, recipe in (("source", parts.source), ("target", parts.target)):
        found += [(GROUPS[word], kind) for kind in recipe.kinds()]
    for group, kind in found:
        package = registry.package(group, kind)
        if package is not None:
            yield package


def chain_of(definition: str) -> tuple[Policy, ...]:
    """The chain of a definition, made anew; `ConfigError` where this program cannot make it."""
    try:
        entries: Sequence[Mapping[str, Any]] = json.loads(definition)["policies"]
    except (ValueError, KeyError) as error:
        raise ConfigError("nobody knows what it was configured as") from error
    policies, complaints = make_chain(entries, {})
    if complaints:
        raise ConfigError("; ".join(complaint.text for complaint in complaints))
    return policies
