"""A pace: when a server is spoken to next, and how long it is left alone while it fails."""

from collections.abc import Callable

from autopyfactory.errors import FactoryError

LONGEST = 300.0  # seconds that a server which fails is left alone at most


Send = Callable[[float], bool]  # what waits at that moment, in monotonic seconds; false where nothing did


class Pace:
    """Every `period` seconds; after each failure in a row twice as long as before."""

    def __init__(self, period: float, clock: Callable[[], float]) -> None:
        self._period = period
        self._clock = clock
        self._due = float("-inf")
        self._free = float("-inf")
        self._failures = 0

    def when_due(self, send: Send) -> None:
        """Send if it is time.  Raises what sending raises."""
        now = self._clock()
        if now >= self._due:
            self._try(send, now)

    def when_free(self, send: Send) -> None:
        """Send unless the server was just found away, whatever the period.  Raises what sending raises."""
        now = self._clock()
        if now >= self._free:
            self._try(send, now)

    def _try(self, send: Send, now: float) -> None:
        try:
            was_spoken_to = send(now)
        except FactoryError:
            self._free = self._due = self._clock() + min(self._period * 2**self._failures, LONGEST)
            self._failures = min(self._failures + 1, 20)
            raise
        if was_spoken_to:
            self._failures = 0
            self._due = self._clock() + self._period
