"""The progress of a demonstration: what was done so far, and whether it is over."""

import threading
import time
from collections import Counter
from typing import ClassVar

from autopyfactory.clients.workstation.jobs import JobQueue, State
from autopyfactory.model import Report
from autopyfactory.options import Options


class Progress:
    """A monitor that counts pilots, and looks at the jobs when it is asked."""

    options: ClassVar[type[Options]] = Options

    def __init__(self, queue: JobQueue, jobs: int) -> None:
        self._queue = queue
        self._jobs = jobs
        self._began = time.monotonic()
        self._lock = threading.Lock()
        self._reports: dict[str, Report] = {}
        self._counts: Counter[State] = Counter()
        self._all_ended: float | None = None
        self.submitted = 0
        self.first: float | None = None  # seconds until the first pilot was submitted
        self.peak = 0

    def record(self, report: Report) -> None:
        """Take up one cycle."""
        submitted = len(report.outcome.submitted) if report.outcome is not None else 0
        with self._lock:
            self._reports[report.queue] = report
            self.submitted += submitted
            if submitted and self.first is None:
                self.first = self.seconds()

    def look(self) -> None:
        """Count the jobs and the pilots as they are now."""
        counts: Counter[State] = Counter()
        for tally in self._queue.counts():
            counts[tally.state] += tally.jobs
        self._counts = counts
        self.peak = max(self.peak, self.there())
        if self._all_ended is None and counts[State.DONE] + counts[State.FAILED] >= self._jobs:
            self._all_ended = time.monotonic()

    def is_over(self) -> bool:
        """Whether all jobs have ended, and every queue has seen since then that no pilot is left."""
        reports, ended = self.reports(), self._all_ended
        return ended is not None and all(report.began > ended and not pilots(report) for report in reports)

    def reports(self) -> list[Report]:
        """The last report of every queue."""
        with self._lock:
            return list(self._reports.values())

    def seconds(self) -> float:
        """Since the beginning."""
        return time.monotonic() - self._began

    def there(self) -> int:
        """Pilots as the last cycles left them."""
        return sum(pilots(report) for report in self.reports() if report.seen and report.outcome)

    def done(self) -> int:
        """Jobs that ended well."""
        return self._counts[State.DONE]

    def __str__(self) -> str:
        jobs = ", ".join(f"{self._counts[state]} {state.value}" for state in State)
        return f"{self._jobs} jobs: {jobs}; pilots: {self.submitted} submitted, {self.there()} there"


def pilots(report: Report) -> int:
    """The pilots that a cycle saw or started; one that saw nothing is taken for one with pilots."""
    if report.seen is None or report.outcome is None:
        return 1
    supply = report.seen.supply
    return supply.pilots + supply.retiring + len(report.outcome.submitted)
