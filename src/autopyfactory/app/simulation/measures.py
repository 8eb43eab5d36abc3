"""Measures: what a simulated time came to, for each queue and in total."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, NamedTuple

from autopyfactory.app.simulation.stage import Stage
from autopyfactory.clients.simulation.jobs import Jobs
from autopyfactory.cycle import Queue
from autopyfactory.model import NOTHING, Report

HOUR = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """One queue, or all of them; times in hours unless said otherwise."""

    cycles: int
    failed: int  # cycles that ended with an error
    submitted: int
    retired: int
    uncertain: int  # pilots of submissions without an answer
    finished: int  # jobs
    waiting: int  # jobs, in the end
    unmet: float  # job-hours that jobs waited
    idle: float  # pilot-hours without a job
    lost: float  # pilot-hours spent on jobs that were not finished
    barren: int  # pilots that ended without having finished a job
    peak_pending: int
    peak_pilots: int
    burst: int  # the most pilots that one cycle submitted
    killed: int  # pilots retired from their job: never without `retire_running`
    recovery: float | None  # seconds from the end of all trouble until no more work waited than before it

    def as_data(self) -> dict[str, Any]:
        """For programs; hours to the nearest thousandth."""
        return {
            name: round(value, 3) if isinstance(value, float) else value
            for name, value in asdict(self).items()
        }


class Sample(NamedTuple):
    """All queues together at one moment, in seconds from the start; `submitted` since the start."""

    age: float
    ready: int
    at_work: int  # jobs that run
    pending: int
    running: int
    idle: int
    submitted: int


class Tally:
    """Counts one queue, report by report."""

    def __init__(self, queue: Queue, stage: Stage, began: float, until: float) -> None:
        spans = [span for spell in stage.troubles(queue) for span in spell.spans(until - began)]
        self.queue = queue
        self.jobs = stage.jobs.get(queue.name)
        self.books = stage.books(queue)
        self._trouble = began + min((begin for begin, _ in spans), default=until)
        self._over = began + max((end for _, end in spans), default=until)
        self._busiest: int | None = None  # the most work that waited before the trouble
        self._recovered: float | None = None
        self._cycles = self._failed = self._uncertain = self._burst = 0
        self.peak_pilots = 0

    def count(self, report: Report) -> None:
        """One more cycle."""
        self._cycles += 1
        self._failed += report.error is not None
        outcome, books = report.outcome, self.books
        if outcome is not None and outcome is not NOTHING:
            self._uncertain += outcome.uncertain
            self._burst = max(self._burst, len(outcome.submitted))
        pilots = len(books.pending) + len(books.running)
        if pilots > self.peak_pilots:
            self.peak_pilots = pilots
        if self.jobs is not None:
            self._follow(self.jobs.ready, report.began)

    def measure(self, now: float) -> Measures:
        """What it comes to until `now`."""
        books, jobs = self.books, self.jobs
        return Measures(
            cycles=self._cycles,
            failed=self._failed,
            submitted=books.submitted,
            retired=books.retired,
            uncertain=self._uncertain,
            finished=books.finished,
            waiting=jobs.ready if jobs else 0,
            unmet=jobs.waited_until(now) / HOUR if jobs else 0.0,
            idle=books.idle_until(now) / HOUR,
            lost=books.lost_time / HOUR,
            barren=books.barren,
            peak_pending=books.most_pending,
            peak_pilots=self.peak_pilots,
            burst=self._burst,
            killed=books.killed,
            recovery=None if self._recovered is None else self._recovered - self._over,
        )

    def _follow(self, ready: int, now: float) -> None:
        """Remember how much waited before the trouble, and when it was as little again after it."""
        if now < self._trouble:
            if self._busiest is None or ready > self._busiest:
                self._busiest = ready
        elif self._recovered is None and self._busiest is not None and now >= self._over:
            self._recovered = now if ready <= self._busiest else None


def total(
    parts: Collection[Measures], works: Collection[Jobs], samples: Sequence[Sample], now: float
) -> Measures:
    """All queues together; jobs that several queues serve count once, and no peak is below that of one."""
    sums = {field.name: sum(getattr(part, field.name) for part in parts) for field in fields(Measures)[:-1]}
    pending = [sample.pending for sample in samples] + [part.peak_pending for part in parts]
    pilots = [sample.pending + sample.running for sample in samples] + [part.peak_pilots for part in parts]
    recoveries = [part.recovery for part in parts if part.recovery is not None]
    sums |= {
        "waiting": sum(jobs.ready for jobs in works),
        "unmet": sum(jobs.waited_until(now) for jobs in works) / HOUR,
        "peak_pending": max(pending, default=0),
        "peak_pilots": max(pilots, default=0),
        "burst": max((part.burst for part in parts), default=0),
    }
    return Measures(**sums, recovery=max(recoveries, default=None))
