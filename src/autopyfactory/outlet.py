"""An outlet: one monitor behind a bounded queue and a thread, so that it delays and fails nobody."""

import contextlib
import logging
import queue

from autopyfactory.model import Report
from autopyfactory.ports import Monitor
from autopyfactory.worker import start_thread

log = logging.getLogger(__name__)
ROOM = 10_000  # reports that may wait; a thousand queues fill it in ten of their cycles


class Outlet:
    """Hands reports to one monitor, in order; counts what it had to drop and what failed."""

    def __init__(self, name: str, monitor: Monitor, room: int = ROOM) -> None:
        self.name = name
        self.monitor = monitor
        self.dropped = 0
        self.failed = 0
        self._reports: queue.Queue[Report | None] = queue.Queue(room)
        self._thread = start_thread(f"monitor {name}", self._work)

    def put(self, report: Report) -> None:
        """Hand over a report; never waits."""
        try:
            self._reports.put_nowait(report)
        except queue.Full:
            self.dropped += 1

    def close(self) -> None:
        """No more reports come; what waits is still delivered if `join` waits for it."""
        while True:
            try:
                return self._reports.put_nowait(None)
            except queue.Full:
                with contextlib.suppress(queue.Empty):
                    self._reports.get_nowait()
                    self.dropped += 1

    def join(self, seconds: float) -> None:
        """Wait until all is delivered, at most so long."""
        self._thread.join(seconds)

    def _work(self) -> None:
        while (report := self._reports.get()) is not None:
            try:
                self.monitor.record(report)
            except Exception as error:
                self.failed += 1
                if self.failed & (self.failed - 1) == 0:  # the 1st, 2nd, 4th, 8th ...
                    log.error("monitor %s failed %d times, last: %r", self.name, self.failed, error)
        close = getattr(self.monitor, "close", None)
        if close is not None:
            close()
