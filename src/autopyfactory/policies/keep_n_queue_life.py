"""So many pilots in the life of a queue."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from autopyfactory.model import Need, Observation
from autopyfactory.options import Count
from autopyfactory.rule import Rule


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class KeepNQueueLife(Rule):
    """Start so many pilots in all: count - pilots that the target ever knew for this queue.

    Ended pilots count too, for as long as the target remembers them, and so do those of an unanswered
    submission.  0 where the target does not know.  Without the option `count`, the count it is given
    is the number to reach.
    """

    needs = frozenset({Need.LIFETIME})
    count: Annotated[
        Count | None, Field(description="Pilots in the life of the queue; unset: the count it is given.")
    ] = None

    def __call__(self, count: int, seen: Observation, /) -> int:
        if seen.supply.lifetime is None:
            return 0
        goal = count if self.count is None else self.count
        return goal - seen.supply.lifetime - seen.supply.uncertain
