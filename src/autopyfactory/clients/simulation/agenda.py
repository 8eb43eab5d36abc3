"""The agenda: all that will happen, in order; it happens when somebody moves time on."""

from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count


class Agenda:
    """Events by time, in seconds; of those at the same time, the one that was noted first comes first."""

    def __init__(self) -> None:
        self.now = float("-inf")
        self._events: list[tuple[float, int, Callable[[], object]]] = []
        self._serial = count()

    def at(self, moment: float, happen: Callable[[], object]) -> None:
        """Let something happen at `moment`, or at once where that is over."""
        heappush(self._events, (max(moment, self.now), next(self._serial), happen))

    def advance(self, now: float) -> None:
        """Let everything happen that happens until `now`; a `now` of the past changes nothing."""
        events = self._events
        while events and events[0][0] <= now:
            self.now, _, happen = heappop(events)
            happen()
        if now > self.now:
            self.now = now
