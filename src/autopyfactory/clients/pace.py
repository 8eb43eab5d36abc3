"""A pace: when a server is spoken to next, and how long it is left alone while it fails."""

LONGEST = 300.0  # seconds that a server which fails is left alone at most


class Pace:
    """Every `period` seconds; after each failure in a row twice as long as before."""

    def __init__(self, period: float) -> None:
        self._period = period
        self._due = float("-inf")
        self._free = float("-inf")
        self._failures = 0

    def is_due(self, now: float) -> bool:
        """Whether it is time, at `now` (monotonic seconds)."""
        return now >= self._due

    def is_free(self, now: float) -> bool:
        """Whether nothing but the period speaks against it."""
        return now >= self._free

    def went_well(self, now: float) -> None:
        """It was spoken to, and has answered."""
        self._failures = 0
        self._due = now + self._period

    def failed(self, now: float) -> None:
        """It has not answered, or not well."""
        self._free = self._due = now + min(self._period * 2**self._failures, LONGEST)
        self._failures = min(self._failures + 1, 20)
