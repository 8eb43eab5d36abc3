"""Holders: the limits that hold a number where it is, each by itself, so that raising one changes nothing."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from autopyfactory.app import registry
from autopyfactory.app.assembly.chain import make_chain
from autopyfactory.app.relief import Rerun
from autopyfactory.cut import starting
from autopyfactory.view import GuardView

OPTIONS = {
    "max_pilots": "max_pilots",
    "per_minute": "per_minute",
    "fairness": "per_minute",
}  # by kind of bound
Entries = Sequence[Mapping[str, Any]]


def holders(entries: Entries, count_with: Rerun, view: GuardView, number: int) -> list[str]:
    """Those of a submission: without all the others each would let no more than `number` through.

    None where nobody asked for more than that.
    """
    asked = [entry for entry in entries if not is_cap(entry)]
    if count_with(make_chain(asked, {})[0]) <= number:
        return []
    return [*caps(entries, count_with, number), *bounds(view, number)]


def caps(entries: Entries, count_with: Rerun, number: int) -> Iterator[str]:
    """The caps of the chain that hold it."""
    for one in filter(is_cap, entries):
        kept = [entry for entry in entries if entry is one or not is_cap(entry)]
        if count_with(make_chain(kept, {})[0]) <= number:
            yield str(one.get("name") or one["kind"])


def bounds(view: GuardView, number: int) -> Iterator[str]:
    """What of the guard holds it: its option, or its words where that is no limit."""
    for bound in starting(view):
        if bound.room <= number:
            place = f"target.{bound.place}" if bound.place else "factory"
            option = OPTIONS.get(bound.kind)
            yield f"{place}.guard.{option}" if option else bound.words()


def is_cap(entry: Mapping[str, Any]) -> bool:
    """Whether a policy only ever lowers the count."""
    return bool(registry.load("policies", str(entry["kind"])).cap)
