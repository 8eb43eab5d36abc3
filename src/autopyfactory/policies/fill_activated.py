"""Ready work less pending pilots."""

from dataclasses import dataclass

from autopyfactory.model import Need, Observation
from autopyfactory.rule import Rule


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class FillActivated(Rule):
    """Ask for what waits and has no pilot yet: ready work - pending pilots, never below 0.

    It is `ready` without options, under the name that old configurations use.
    """

    needs = frozenset({Need.DEMAND})

    def __call__(self, _count: int, seen: Observation, /) -> int:
        return max(0, seen.ready() - seen.supply.pending)
