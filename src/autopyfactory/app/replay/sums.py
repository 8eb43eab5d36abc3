"""Sums: what the decisions of many cycles come to, as they were recorded and as they are made anew."""

from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

HOUR = 3600.0


@dataclass(slots=True, kw_only=True)
class Sums:
    """One queue under one chain, or all queues."""

    submitted: int = 0
    retired: int = 0
    burst: int = 0  # the most pilots in one cycle
    idle: float = 0.0  # pilot-hours beyond the work
    unmet: float = 0.0  # hours of work, in pilots, beyond the pilots

    def count(self, count: int, lack: int, seconds: float) -> None:
        """One cycle that stands for so many `seconds`; `lack` is work, in pilots, for which none waited."""
        if count > 0:
            self.submitted += count
            self.burst = max(self.burst, count)
        else:
            self.retired -= count
        if lack > count:
            self.unmet += (lack - count) * seconds / HOUR
        else:
            self.idle += (count - lack) * seconds / HOUR

    def add(self, other: "Sums") -> None:
        """Take another queue in."""
        self.submitted += other.submitted
        self.retired += other.retired
        self.burst = max(self.burst, other.burst)
        self.idle += other.idle
        self.unmet += other.unmet


class Departure(NamedTuple):
    """Where decisions first differ; None: nothing was decided."""

    wall: float
    recorded: int | None
    replayed: int | None


@dataclass(slots=True, kw_only=True)
class Trial:
    """The recorded decisions beside those made anew."""

    recorded: Sums
    replayed: Sums
    cycles: int = 0
    blind: int = 0  # cycles in which nothing was seen: nobody can decide on them
    same: int = 0  # of those that are not blind
    first: Departure | None = None

    @classmethod
    def new(cls) -> "Trial":
        """Nothing yet."""
        return cls(recorded=Sums(), replayed=Sums())

    def compare(self, wall: float, recorded: int | None, replayed: int | None) -> None:
        """One more decision, made twice."""
        self.cycles += 1
        if recorded == replayed:
            self.same += 1
        elif self.first is None:
            self.first = Departure(wall, recorded, replayed)

    def add(self, other: "Trial") -> None:
        """Take another queue in."""
        self.recorded.add(other.recorded)
        self.replayed.add(other.replayed)
        self.cycles += other.cycles
        self.blind += other.blind
        self.same += other.same
        if other.first and (self.first is None or other.first.wall < self.first.wall):
            self.first = other.first

    @property
    def differ(self) -> int:
        """How many decisions are others."""
        return self.cycles - self.blind - self.same

    def as_data(self) -> dict[str, Any]:
        """For programs; hours to the nearest thousandth."""
        return {
            "cycles": self.cycles,
            "blind": self.blind,
            "same": self.same,
            "differ": self.differ,
            "recorded": rounded(self.recorded),
            "replayed": rounded(self.replayed),
        }


def rounded(sums: Sums) -> dict[str, Any]:
    """Sums as data."""
    return {
        name: round(value, 3) if isinstance(value, float) else value for name, value in asdict(sums).items()
    }
