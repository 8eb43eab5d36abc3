"""The most that may wait at the target."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from autopyfactory.model import Observation
from autopyfactory.options import Count, Flag
from autopyfactory.rule import Rule


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class MaxPending(Rule):
    """Let no more than so many pilots wait: the smaller of count and (limit - pending pilots).

    With more than `limit` pending it starts none, and retires them only with `may_retire`.
    """

    cap = True
    limit: Annotated[Count, Field(description="Pilots that may wait to run.")]
    unlimited_when_idle: Annotated[Flag, Field(description="Set no limit while no pilot is pending.")] = False
    may_retire: Annotated[
        Flag, Field(description="Retire what is above the limit, instead of only starting none.")
    ] = False

    def __call__(self, count: int, seen: Observation, /) -> int:
        pending = seen.supply.pending
        if self.unlimited_when_idle and pending == 0:
            return count
        bound = self.limit - pending
        return min(count, bound if self.may_retire else max(0, bound))
