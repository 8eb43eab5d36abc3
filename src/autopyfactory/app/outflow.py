"""The outflow of the log: lines wait where a reader or a disk stands still, and who logs never does."""

import logging
from contextlib import suppress
from logging.handlers import QueueHandler
from queue import Empty, Full, Queue

from autopyfactory.worker import start_thread

ROOM = 10_000  # lines that wait; those beyond are dropped and counted
FLUSH = 0.5  # seconds that a flush may take
LOST = "%d lines of the log were lost: what it goes to stood still"


class Outflow(QueueHandler):
    """Writes by another handler, in a thread of its own.

    Raises `Unavailable` when the system has no thread for it.
    """

    def __init__(self, inner: logging.Handler) -> None:
        self._lines: Queue[logging.LogRecord | None] = Queue(ROOM)
        super().__init__(self._lines)
        self._inner = inner
        self._lost = 0
        start_thread("log", self._work)

    def enqueue(self, record: logging.LogRecord) -> None:
        """Line up a record, at once."""
        try:
            self._lines.put_nowait(record)
        except Full:
            self._lost += 1

    def flush(self) -> None:
        """Wait until all is written, but not for long; safe inside a signal, too."""
        if not self._lines.mutex.acquire(timeout=FLUSH):
            return
        try:
            self._lines.all_tasks_done.wait_for(lambda: not self._lines.unfinished_tasks, FLUSH)
        finally:
            self._lines.mutex.release()

    def close(self) -> None:
        """Write what is lined up, if that is a matter of a moment, and end the thread."""
        self.flush()
        with suppress(Empty):  # it flows again
            if self._lines.full():
                self._lines.get_nowait()
        with suppress(Full):
            self._lines.put_nowait(None)
        super().close()

    def _work(self) -> None:
        while (record := self._lines.get()) is not None:
            self._inner.handle(record)
            self._tell_lost()
            self._lines.task_done()
        self._inner.close()

    def _tell_lost(self) -> None:
        """Say how many lines are missing before the next one."""
        self.acquire()  # as who enqueues does
        lost, self._lost = self._lost, 0
        self.release()
        if lost:
            self._inner.handle(logging.LogRecord(__name__, logging.WARNING, "", 0, LOST, (lost,), None))
