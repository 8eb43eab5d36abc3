"""The most pilots that the whole factory may have."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from autopyfactory.model import Observation
from autopyfactory.options import Count
from autopyfactory.rule import Rule


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class MaxPerFactory(Rule):
    """Let the whole factory have no more than so many pilots: the smaller of count and (limit - all pilots).

    All are this factory's pilots of every queue at every target, waiting and running.  It never
    retires; a count below 0 stays as it is.
    """

    cap = True
    limit: Annotated[Count, Field(description="Pilots that this factory may have at all targets together.")]

    def __call__(self, count: int, seen: Observation, /) -> int:
        return min(count, max(0, self.limit - seen.factory))
