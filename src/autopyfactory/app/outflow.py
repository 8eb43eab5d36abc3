"""The outflow of the log: lines wait where a reader or a disk stands still, and who logs never does."""

import logging
import threading
from logging.handlers import QueueHandler
from queue import SimpleQueue

from autopyfactory.worker import start_thread

ROOM = 10_000  # lines that wait; those beyond are dropped and counted
FLUSH = 0.5  # seconds that a flush may take
LOST = "%d lines of the log were lost: what it goes to stood still"


class Outflow(QueueHandler):
    """Writes by another handler, in a thread of its own.

    Raises `Unavailable` when the system has no thread for it.
    """

    def __init__(self, inner: logging.Handler) -> None:
        self._lines: SimpleQueue[logging.LogRecord | threading.Event | None] = SimpleQueue()
        super().__init__(self._lines)
        self._inner = inner
        self._lost = 0
        self._thread = start_thread("log", self._work)

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        """The record with its words in place of all that may change; not a copy, for nobody else has it."""
        record.message = record.msg = self.format(record)
        record.args = record.exc_info = record.exc_text = record.stack_info = None
        return record

    def enqueue(self, record: logging.LogRecord) -> None:
        """Line up a record, at once."""
        if self._lines.qsize() < ROOM:
            self._lines.put(record)
        else:
            self._lost += 1

    def flush(self) -> None:
        """Wait until all is written, but not for long; safe inside a signal, too."""
        if self._thread.is_alive():
            written = threading.Event()
            self._lines.put(written)
            written.wait(FLUSH)

    def close(self) -> None:
        """Write what is lined up, if that is a matter of a moment, and end the thread."""
        self.flush()
        self._lines.put(None)
        super().close()

    def _work(self) -> None:
        while (line := self._lines.get()) is not None:
            if isinstance(line, threading.Event):
                line.set()
                continue
            self._inner.handle(line)
            self._tell_lost()
        self._inner.close()

    def _tell_lost(self) -> None:
        """Say how many lines are missing before the next one."""
        self.acquire()  # as who enqueues does
        lost, self._lost = self._lost, 0
        self.release()
        if lost:
            self._inner.handle(logging.LogRecord(__name__, logging.WARNING, "", 0, LOST, (lost,), None))
