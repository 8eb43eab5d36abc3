"""Ready work less pending pilots, each with a weight."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from autopyfactory.model import Need, Observation
from autopyfactory.options import Factor
from autopyfactory.rule import Rule, part


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class WeightedActivated(Rule):
    """Ask for weighted work: ready work x activated - pending pilots x pending, never below 0.

    Each product is rounded down by itself.  It ignores the count it is given, so it usually stands
    first.
    """

    needs = frozenset({Need.DEMAND})
    activated: Annotated[Factor, Field(description="What ready work is multiplied by.")] = 1.0
    pending: Annotated[Factor, Field(description="What pending pilots are multiplied by.")] = 1.0

    def __call__(self, _count: int, seen: Observation, /) -> int:
        wanted = int(part(seen.ready(), self.activated))
        return max(0, wanted - int(part(seen.supply.pending, self.pending)))
