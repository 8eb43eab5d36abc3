"""The submit descriptions of a section's pilots; a queue's last one is kept, for its next is like it."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple

from autopyfactory.clients.condor.job import PACE, Marks, describe, stamp, text
from autopyfactory.clients.condor.options import Job
from autopyfactory.clients.condor.spool import spooled

DAY = 86_400.0  # seconds; with the day the folder of the logs changes


class Description(NamedTuple):
    """What all submissions of a queue have in common, on one day and with the same credentials."""

    folder: str  # of their log files
    commands: str  # in the submit language, a line each
    is_late: bool  # the schedd makes the jobs bit by bit

    def stamped(self, tag: str, count: int) -> str:
        """The commands of one submission."""
        return self.commands + text(stamp(tag, count, late=self.is_late))


class Descriptions:
    """Of pilots that are spooled, if `kept` says how long the schedd keeps their output.

    One is kept for every queue that ever submitted here, some 3 kB each.
    """

    def __init__(self, kept: timedelta | None = None) -> None:
        self._kept = kept
        self._last: dict[str, tuple[Any, Description]] = {}  # by queue, with what it was made of

    def find(self, queue: str, job: Job, credentials: object, mark: Callable[[], Marks]) -> Description:
        """The description of a queue as of today; `mark` is asked where it is not as it was."""
        like = job, credentials, time.time() // DAY
        made, description = self._last.get(queue, (None, None))
        if description is None or made != like:
            description = self._describe(job, mark())
            self._last[queue] = like, description
        return description

    def _describe(self, job: Job, marks: Marks) -> Description:
        commands = describe(job, marks)
        if self._kept is not None:
            commands = spooled(commands, self._kept)
        return Description(marks.folder, text(commands), PACE in commands)
