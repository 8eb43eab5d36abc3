"""The most that one cycle may start."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from autopyfactory.model import Observation
from autopyfactory.options import Count
from autopyfactory.rule import Rule


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class MaxPerCycle(Rule):
    """Start no more than so many pilots a cycle: the smaller of count and limit."""

    cap = True
    limit: Annotated[Count, Field(description="Pilots that one cycle may start.")]

    def __call__(self, count: int, _seen: Observation, /) -> int:
        return min(count, self.limit)
