"""A fair part of work that several queues serve."""

import math
from dataclasses import dataclass

from autopyfactory.model import Observation
from autopyfactory.rule import Rule, part


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Share(Rule):
    """Take this queue's part: (count - siblings' pending pilots) x weight / all weights, rounded up.

    Siblings are the queues that serve the same work; each queue's `weight` (1 unless set) says how
    much of it goes there.  The result is at least 0 and at most the count; a count of 0 or less
    stays as it is.  Put it behind `ready`.

    It divides work, so it is left out when the demand is unknown: the number of `when_unknown` is
    already this queue's own.
    """

    def __call__(self, count: int, seen: Observation, /) -> int:
        if count <= 0 or not seen.siblings:
            return count
        remaining = max(0, count - sum(sibling.pending for sibling in seen.siblings))
        total = seen.weight + sum(sibling.weight for sibling in seen.siblings)
        if total <= 0:
            return 0
        return min(remaining, math.ceil(part(remaining, seen.weight, total)))
