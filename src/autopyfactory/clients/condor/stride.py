"""A stride: how many requests a child has at hand, so that it never waits for us nor we for each answer.

To wake for each answer is dear: after the milliseconds that one takes nothing of ours is left in the
processor's caches.  But what is at hand cannot be taken back, so it is a moment's work.
One that takes long now and then makes no rest longer.
"""

import time
from collections import deque
from collections.abc import Callable

REACH = 0.5  # seconds of work at hand, beside what the child works on
MOST = 40  # requests at hand at most; at least one
LEFT = 4  # a rest leaves one in so many to do, for what wakes then takes its time
KNOWN = 8  # times that are known, the last ones
TINY = 1e-6  # seconds


class Stride:
    """As long as the last answers say that it may be; the shortest at first."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last = deque([REACH], maxlen=KNOWN)  # seconds that requests took
        self._since = clock()  # when the child began with those that wait

    def begin(self) -> None:
        """The child, which had nothing to do, is about to get the first request."""
        self._since = self._clock()

    def note(self, took: float) -> None:
        """The child took so many seconds for a request, and goes on with the next."""
        self._last.append(max(took, TINY))
        self._since = self._clock()

    @property
    def at_hand(self) -> int:
        """So many requests may be sent beside the one that is worked on."""
        mean = sum(self._last) / len(self._last)
        return max(1, min(MOST, int(REACH / mean)))

    def rest(self, waiting: int) -> float:
        """Seconds until, if all are quick, one in four of those that wait is left to do, or two."""
        work = min(self._last) * (waiting - max(2, waiting // LEFT))
        return max(0.0, min(REACH, work) - (self._clock() - self._since))
