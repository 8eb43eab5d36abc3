"""The cleaner: a thread of the daemon that sweeps the pilots' logs about once an hour."""

import logging
import secrets
import threading
import time
from pathlib import Path

from autopyfactory.app.retention.rules import Keep
from autopyfactory.app.retention.sweep import Sweep, Tally
from autopyfactory.errors import Unavailable
from autopyfactory.plan import Plan
from autopyfactory.worker import start_thread

log = logging.getLogger(__name__)
HOUR = 3600.0  # seconds between two sweeps, and a tenth more or less
SOON = 60.0  # seconds within which the first one begins, and the next one where there is more to do
RANDOM = secrets.SystemRandom()


class Cleaner:
    """Keeps the pilots' logs as the plan says that runs; who hangs at a dead disk is this thread alone."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan  # the daemon puts the next one here
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._trouble = ""  # that was told last

    def start(self) -> None:
        """Start the thread; without one, the factory runs all the same."""
        try:
            self._thread = start_thread("retention", self._work)
        except Unavailable as error:
            log.error("pilot logs are not tidied up: %s", error)

    def stop(self, patience: float = 0.0) -> None:
        """Sweep no more; wait so many seconds for the end of what is under way."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(patience)

    def sweep(self) -> bool:
        """Sweep once; whether there is more to do."""
        settings = self.plan.settings
        keep = Keep(days=settings.keep_days, bytes=settings.keep_bytes, queues=self.plan.keep_days)
        if keep.is_endless() or settings.logs is None:
            return False
        tally = Sweep(keep, time.time(), self._stopping).run(settings.logs)
        self._tell(tally, settings.logs)
        return tally.is_cut

    def _work(self) -> None:
        pause = RANDOM.uniform(0, SOON)
        while not self._stopping.wait(pause):
            pause = SOON if self.sweep() else HOUR * RANDOM.uniform(0.9, 1.1)

    def _tell(self, tally: Tally, logs: Path) -> None:
        """Say what was removed, and once what cannot be."""
        if tally.files or tally.folders:
            log.info(
                "removed %d pilot logs (%d bytes) and %d empty folders from %s",
                tally.files,
                tally.bytes,
                tally.folders,
                logs,
            )
        if tally.reason and tally.reason != self._trouble:
            log.warning(
                "%d pilot logs or folders in %s cannot be removed or read: %s",
                tally.refused,
                logs,
                tally.reason,
            )
        self._trouble = tally.reason
