"""The least that waits at the target."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from autopyfactory.model import Observation
from autopyfactory.options import Count
from autopyfactory.rule import Rule


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class MinPending(Rule):
    """Keep at least so many pilots waiting: the larger of count and (limit - pending pilots)."""

    limit: Annotated[Count, Field(description="Pilots kept waiting, whether or not work waits.")]

    def __call__(self, count: int, seen: Observation, /) -> int:
        return max(count, self.limit - seen.supply.pending)
