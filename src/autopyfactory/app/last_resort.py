"""The last resort: the end of the process in time, whatever hangs."""

import logging
import os
import threading
from contextlib import suppress
from queue import SimpleQueue

from autopyfactory.app.ending import flush_log
from autopyfactory.worker import start_thread

log = logging.getLogger(__name__)
FORCED = 1  # exit code
LAST_WORDS = 0.5  # seconds before the end


class LastResort:
    """A thread that does nothing until it is armed, so that arming it cannot fail."""

    def __init__(self) -> None:
        self._told: SimpleQueue[float] = SimpleQueue()  # safe inside a signal
        start_thread("last resort", self._work)

    def arm(self, seconds: float) -> None:
        """End the process after so many seconds; safe inside a signal."""
        self._told.put(seconds)

    def _work(self) -> None:
        seconds = self._told.get()
        threading.Event().wait(max(0.0, seconds - LAST_WORDS))
        with suppress(RuntimeError):  # there is no thread
            threading.Thread(target=self._speak, args=(seconds,), daemon=True).start()
        threading.Event().wait(LAST_WORDS)
        os._exit(FORCED)

    @staticmethod
    def _speak(seconds: float) -> None:
        log.error("not ended %g s after it was told to: something hangs, the process ends by force", seconds)
        flush_log()
