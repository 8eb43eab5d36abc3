"""Belief: whether a new reading of a catalogue may take the place of the last one that was believed."""

from collections.abc import Set
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """A reading that was not believed: its queues, when it was last read, and how often in a row."""

    queues: frozenset[str]
    moment: float
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """How much may vanish at once, how many readings must agree on more, and how far apart they are."""

    fall: float
    agree: int
    apart: float  # seconds

    def collapses(self, before: Set[str], after: Set[str]) -> bool:
        """Whether more than a share of the queues is gone."""
        return len(before - after) > self.fall * len(before)

    def doubt(self, before: Set[str], after: Set[str], earlier: Doubt | None, now: float) -> Doubt | None:
        """None where the reading is believed: nothing collapsed, or enough readings in a row say so.

        One that comes too soon after the last counts as the same.
        """
        if not self.collapses(before, after):
            return None
        count = 1
        if earlier is not None and not self.collapses(earlier.queues, after):
            is_late = now - earlier.moment >= self.apart
            count = earlier.count + 1 if is_late else earlier.count
            now = now if is_late else earlier.moment
        if count >= self.agree:
            return None
        return Doubt(queues=frozenset(after), moment=now, count=count)
