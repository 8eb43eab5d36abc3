"""The summary: what happened since the last line of it, so that the log is never silent for long."""

import threading
from typing import ClassVar

from autopyfactory.app.assembly.words import number
from autopyfactory.errors import given_up
from autopyfactory.model import Report
from autopyfactory.options import Options


class Summary:
    """A monitor that counts; the daemon asks it for a line now and then."""

    options: ClassVar[type[Options]] = Options
    lull: ClassVar[float] = 5.0  # seconds: it is asked every five minutes, and in the end

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cycles = self._failed = self._submitted = self._retired = self._uncertain = 0

    def record(self, report: Report) -> None:
        """Count one cycle."""
        outcome = report.outcome
        with self._lock:
            self._cycles += 1
            self._failed += report.error is not None and not given_up(report.error)
            if outcome is not None:
                self._submitted += len(outcome.submitted)
                self._retired += len(outcome.retired)
                self._uncertain += outcome.uncertain

    def line(self) -> str:
        """What was counted since the last line, in words; begins anew."""
        with self._lock:
            cycles, pilots = number(self._cycles, "cycle"), number(self._submitted, "pilot")
            words = (
                f"{cycles}, {self._failed} of them failed;"
                f" {pilots} submitted, {self._retired} retired, {self._uncertain} uncertain"
            )
            self._cycles = self._failed = self._submitted = self._retired = self._uncertain = 0
        return words
