"""The most pilots that a queue may have."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from autopyfactory.model import Observation
from autopyfactory.options import Count, Flag
from autopyfactory.rule import Rule


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class MaxToRun(Rule):
    """Have no more than so many pilots: the smaller of count and (limit - pending - running pilots).

    With more than `limit` of them it starts none, and retires them only with `may_retire`.
    """

    cap = True
    limit: Annotated[Count, Field(description="Pilots of this queue that may wait and run together.")]
    may_retire: Annotated[
        Flag, Field(description="Retire what is above the limit, instead of only starting none.")
    ] = False

    def __call__(self, count: int, seen: Observation, /) -> int:
        bound = self.limit - seen.supply.pending - seen.supply.running
        return min(count, bound if self.may_retire else max(0, bound))
