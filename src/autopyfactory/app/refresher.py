"""The refresher: reads the catalogues of a running factory again, now and then, in a thread of its own."""

import threading
from collections.abc import Callable

from autopyfactory.worker import start_thread


class Refresher:
    """Calls `refresh` again and again; `pause` says how many seconds to wait before each call."""

    def __init__(self, refresh: Callable[[], None], pause: Callable[[], float]) -> None:
        self._refresh = refresh
        self._pause = pause
        self._stopping = threading.Event()

    def start(self) -> None:
        """Begin; the first call comes after a pause."""
        start_thread("the refresher of the catalogues", self._run, stack=0)

    def stop(self) -> None:
        """No further call; one under way ends by itself."""
        self._stopping.set()

    def _run(self) -> None:
        while not self._stopping.wait(self._pause()):
            self._refresh()
