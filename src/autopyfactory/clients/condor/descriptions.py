"""The submit descriptions of a section's pilots; a queue's last one is kept, for its next is like it."""

from datetime import timedelta

from autopyfactory.clients.condor.job import Marks, describe, stamp
from autopyfactory.clients.condor.options import Job
from autopyfactory.clients.condor.spool import spooled


class Descriptions:
    """Of pilots that are spooled, if `kept` says how long the schedd keeps their output.

    One is kept for every queue that ever submitted here, some 3 kB each.
    """

    def __init__(self, kept: timedelta | None = None) -> None:
        self._kept = kept
        self._last: dict[str, tuple[tuple[Job, Marks], dict[str, str]]] = {}  # by queue

    def write(self, job: Job, marks: Marks, tag: str, count: int) -> dict[str, str]:
        """Submit commands by name."""
        like, last = (job, marks), self._last.get(marks.queue)
        if last is None or last[0] != like:
            last = self._last[marks.queue] = like, self._describe(job, marks)
        return stamp(last[1], tag, count)

    def _describe(self, job: Job, marks: Marks) -> dict[str, str]:
        commands = describe(job, marks)
        return commands if self._kept is None else spooled(commands, self._kept)
