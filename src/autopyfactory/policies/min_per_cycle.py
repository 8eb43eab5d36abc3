"""The least that one cycle starts."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from autopyfactory.model import Observation
from autopyfactory.options import Count
from autopyfactory.rule import Rule


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class MinPerCycle(Rule):
    """Start at least so many pilots a cycle: the larger of count and limit.

    It starts them without any work, cycle after cycle: put `max_pending` behind it.
    """

    limit: Annotated[Count, Field(description="Pilots that one cycle starts, whether or not work waits.")]

    def __call__(self, count: int, _seen: Observation, /) -> int:
        return max(count, self.limit)
