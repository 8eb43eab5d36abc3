"""A clock that stands still until it is told to move on."""


class VirtualClock:
    """Seconds that pass when they are told to, for simulations and tests; a `Clock` by being called.

    So is its method `read`, at half of the cost: who asks it all the time takes that.
    """

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def read(self) -> float:
        """The time."""
        return self.now

    def advance(self, seconds: float) -> float:
        """Let time pass; the new time."""
        self.now += seconds
        return self.now
