"""An outlet: one monitor behind a bounded queue and a thread, so that it delays and fails nobody."""

import contextlib
import functools
import logging
import queue
import threading
from collections.abc import Callable

from autopyfactory.model import Report
from autopyfactory.ports import Monitor
from autopyfactory.worker import start_thread

log = logging.getLogger(__name__)
ROOM = 10_000  # reports that may wait; a thousand queues fill it in ten of their cycles
LULL = 0.5  # seconds that a report waits for others, where the monitor does not say: to wake for each is dear
PAUSE = 1.0  # seconds without a report after which a monitor may write down what it has gathered


class Outlet:
    """Hands reports to one monitor, in order; counts what it had to drop and what failed."""

    def __init__(self, name: str, monitor: Monitor, room: int = ROOM) -> None:
        self.name = name
        self.monitor = monitor
        self.dropped = 0
        self.failed = 0
        self._room = room
        self._lull: float = getattr(monitor, "lull", LULL)
        self._pause = PAUSE if self._lull < PAUSE else 0.0  # who gathers for longer needs no pause besides
        self._reports: queue.SimpleQueue[Report | None] = queue.SimpleQueue()  # the cheapest, as all use it
        self._closing = threading.Event()
        self._thread = start_thread(f"monitor {name}", self._work)

    @property
    def lost(self) -> int:
        """Facts that the monitor could not pass on, where it counts them."""
        return getattr(self.monitor, "lost", 0)

    def put(self, report: Report) -> None:
        """Hand over a report; never waits.  Of those that come at one moment a few may exceed the room."""
        if self._reports.qsize() < self._room:
            self._reports.put(report)
        else:
            self.dropped += 1

    def close(self) -> None:
        """No more reports come; what waits is still delivered if `join` waits for it."""
        self._closing.set()
        self._reports.put(None)

    def join(self, seconds: float) -> None:
        """Wait until all is delivered, at most so long."""
        self._thread.join(seconds)

    def _work(self) -> None:
        while (report := self._next()) is not None:
            self._try(functools.partial(self.monitor.record, report))
        self._try(getattr(self.monitor, "close", None))

    def _next(self) -> Report | None:
        """The next report, None when no more come."""
        with contextlib.suppress(queue.Empty):
            return self._reports.get_nowait()
        report = self._first()
        self._closing.wait(self._lull)
        return report

    def _first(self) -> Report | None:
        """The next report when none is there yet; a monitor that gathers them is told of a pause."""
        flush = getattr(self.monitor, "flush", None)
        if flush is not None:
            with contextlib.suppress(queue.Empty):
                return self._reports.get(timeout=self._pause)
            self._try(flush)
        return self._reports.get()

    def _try(self, act: Callable[[], None] | None) -> None:
        """Let the monitor act; count it when it fails."""
        try:
            if act is not None:
                act()
        except Exception as error:
            self.failed += 1
            if self.failed & (self.failed - 1) == 0:  # the 1st, 2nd, 4th, 8th ...
                log.error("monitor %s failed %d times, last: %r", self.name, self.failed, error)
