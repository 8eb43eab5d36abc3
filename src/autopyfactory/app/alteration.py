"""Alterations: what differs between two configurations, queue by queue and key by key, as values in force."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

CHAINS = ("policies", "shadow")
PROGRAM = "packages"  # versions, which are no configuration


class Kind(StrEnum):
    """What became of a queue."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


class Change(NamedTuple):
    """One key with its values; None where it was not, or is not, there."""

    key: str  # 'policies.max_pending.limit'
    before: Any
    after: Any

    def __str__(self) -> str:
        if self.before is None:
            return f"{self.key} is {write(self.after)}, and was not there"
        if self.after is None:
            return f"{self.key} was {write(self.before)}, and is gone"
        return f"{self.key} was {write(self.before)} and is {write(self.after)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alteration:
    """One queue that differs."""

    queue: str
    kind: Kind
    changes: tuple[Change, ...] = ()


def alterations(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Alteration]:
    """The queues whose definitions differ, by name."""
    for name in sorted(before.keys() | after.keys()):
        if name not in before:
            yield Alteration(queue=name, kind=Kind.ADDED)
        elif name not in after:
            yield Alteration(queue=name, kind=Kind.REMOVED)
        elif changes := tuple(compare(json.loads(before[name]), json.loads(after[name]))):
            yield Alteration(queue=name, kind=Kind.CHANGED, changes=changes)


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    """The keys of two definitions whose values differ."""
    old, new = dict(flatten(arrange(before))), dict(flatten(arrange(after)))
    for key in sorted(old.keys() | new.keys()):
        if old.get(key) != new.get(key):
            yield Change(key, old.get(key), new.get(key))


def arrange(definition: Mapping[str, Any]) -> dict[str, Any]:
    """A definition whose policies are called by name, so that one more in front changes no other."""
    whole = {key: value for key, value in definition.items() if key != PROGRAM}
    for key in CHAINS:
        if key in whole:
            whole[key] = name_policies(whole[key])
    return whole


def name_policies(chain: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A chain as a table, and the order of it."""
    found: dict[str, Any] = {}
    for policy in chain:
        name = str(policy.get("name") or policy["kind"])
        double = sum(other == name or other.startswith(f"{name}#") for other in found)
        options = {key: value for key, value in policy.items() if key != "name"}
        found[f"{name}#{double + 1}" if double else name] = options
    return {**found, "order": " -> ".join(found)}


def flatten(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """The leaves of tables by their keys; a list is a leaf."""
    if isinstance(value, Mapping) and value:
        for name, inner in value.items():
            yield from flatten(inner, f"{key}.{name}" if key else str(name))
    else:
        yield key, value


def write(value: Any) -> str:
    """A value as it is written in a configuration, more or less."""
    return str(value) if isinstance(value, str) else json.dumps(value)
