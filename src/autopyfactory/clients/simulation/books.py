"""The books of a simulated batch system: its pilots, one by one and counted."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

from autopyfactory.clients.simulation.jobs import Jobs

RECENT = 3600.0  # seconds for which the starts of running pilots are told
RECORDS = 100  # ended pilots told of a queue, the newest


class Record(NamedTuple):
    """One pilot that ran and ended."""

    end: float
    run_time: float
    reason: str


class Tally(NamedTuple):
    """The pilots of one factory in one queue."""

    pending: int
    running: int
    held: int
    lifetime: int
    starts: tuple[float, ...]
    ended: tuple[Record, ...]
    idle: int = 0


@dataclass(slots=True)
class Books:
    """One factory's pilots in one queue, by number: the oldest first, running ones with their start.

    `idle` are those of the running ones that wait for a job, and since when.  Times are in seconds.
    """

    random: Random
    jobs: Jobs | None = None  # where its pilots take their work; None: they only run
    pending: dict[int, None] = field(default_factory=dict)
    running: dict[int, float] = field(default_factory=dict)
    idle: dict[int, float] = field(default_factory=dict)
    held: dict[int, None] = field(default_factory=dict)
    ended: deque[Record] = field(default_factory=lambda: deque(maxlen=RECORDS))
    submitted: int = 0
    retired: int = 0
    over: int = 0  # pilots that ran and ended
    barren: int = 0  # of them, those that finished no job
    finished: int = 0  # jobs
    killed: int = 0  # pilots that were retired from their job
    most_pending: int = 0
    idle_time: float = 0.0  # of running pilots without a job, up to when each of them ceased to wait
    lost_time: float = 0.0  # spent on jobs that were not finished

    def idle_until(self, now: float) -> float:
        """Seconds that running pilots spent without a job."""
        return self.idle_time + sum(now - since for since in self.idle.values())

    def tally(self, now: float, *, knows_idle: bool) -> Tally:
        """What a batch system tells of them, which may know who is idle, or not."""
        idle = self.idle if knows_idle else {}
        return Tally(
            len(self.pending), len(self.running), len(self.held), self.submitted,
            self.starts(now - RECENT, idle), tuple(self.ended), len(idle),
        )  # fmt: skip

    def starts(self, since: float, but: Mapping[int, float]) -> tuple[float, ...]:
        """When the running pilots began, but some, as far as that was at or after `since`."""
        found = []
        for number, start in reversed(self.running.items()):
            if start < since:
                break
            if number not in but:
                found.append(start)
        return tuple(reversed(found))


@dataclass(slots=True)
class Task:
    """A job in the hands of a pilot; `seconds` is what it takes in all."""

    seconds: float
    began: float


@dataclass(slots=True)
class Pilot:
    """One pilot on its way, and its fate; times count from when it begins to run."""

    books: Books
    run_time: float
    luck: float  # from 0 to 1; the smaller, the sooner it is one of a share that goes wrong
    fails_after: float | None
    preempted_after: float | None
    holds: bool
    task: Task | None = None
    jobs: int = 0  # that it finished
