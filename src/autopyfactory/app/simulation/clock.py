"""A clock that stands still until it is told to move on."""

START = 1893456000.0  # 2030-01-01 00:00 UTC: where virtual time begins, by every clock there is


class VirtualClock:
    """Seconds; the monotonic clock, the wall clock and every target's clock in one."""

    def __init__(self, now: float = START) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now
