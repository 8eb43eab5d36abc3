"""A stride: how many requests a child has at hand, so that it never waits for us nor we for each answer.

To wake for each answer is dear: after the milliseconds that one takes nothing of ours is left in the
processor's caches.  But what is at hand cannot be taken back, so it is a moment's work.
"""

REACH = 0.1  # seconds of work at hand, beside what the child works on
MOST = 8  # requests at hand at most; at least one


class Stride:
    """As long as the last answers say that it may be; the shortest at first."""

    def __init__(self) -> None:
        self._took = REACH  # seconds that a request takes, the last ones counting most

    def note(self, took: float) -> None:
        """The child took so many seconds for a request."""
        self._took = (self._took + took) / 2

    @property
    def at_hand(self) -> int:
        """So many requests may be sent beside the one that is worked on."""
        return max(1, min(MOST, int(REACH / self._took)))

    def rest(self, waiting: int) -> float:
        """Seconds in which all but two of those that wait for an answer should get one."""
        return min(REACH, self._took * max(0, waiting - 2))
