"""Pilots for the work that waits."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from autopyfactory.model import Need, Observation, Unit
from autopyfactory.options import Count
from autopyfactory.rule import Rule


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Ready(Rule):
    """Ask for what waits and has no pilot yet: ready work - offset - pending pilots, never below 0.

    It ignores the count it is given, so it usually stands first.  Running pilots without payload, and
    those that began after the work was counted, are taken off the ready work; held pilots and those
    of an unanswered submission count as pending.
    """

    needs = frozenset({Need.DEMAND})
    offset: Annotated[Count, Field(description="Ready work left without pilots, for others to take.")] = 0
    unit: Annotated[
        Unit, Field(description="Count ready work in jobs, or in cores divided by the pilot's, rounded up.")
    ] = Unit.JOBS

    def __call__(self, _count: int, seen: Observation, /) -> int:
        return max(0, seen.ready(self.unit) - self.offset - seen.supply.pending)
