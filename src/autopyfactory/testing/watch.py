"""A watch over what code does to the world: files, processes, networks."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

EFFECTS = {"os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.system", "subprocess.Popen"}
EFFECTS |= {"os.mkdir", "os.remove", "os.rename", "sqlite3.connect"}
EFFECTS |= {"socket.bind", "socket.connect", "socket.getaddrinfo"}


class Watch:
    """Notes what one thread does to the world, by Python's audit events."""

    def __init__(self) -> None:
        self.thread = 0
        self.events: list[str] = []

    def note(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Hear of an audit event of any thread."""
        if threading.get_ident() != self.thread:
            return
        if event in EFFECTS or (event == "open" and self._is_ours(arguments)):
            self.events.append(f"{event}{arguments}")

    @staticmethod
    def _is_ours(arguments: tuple[Any, ...]) -> bool:
        """Whether a file is opened for another purpose than an import."""
        name = str(arguments[0])
        return not name.endswith((".py", ".pyc", ".so")) and "__pycache__" not in name

    @contextmanager
    def effects(self) -> Iterator[list[str]]:
        """The events of this thread inside the block."""
        self.events, self.thread = [], threading.get_ident()
        try:
            yield self.events
        finally:
            self.thread = 0


WATCH = Watch()
sys.addaudithook(WATCH.note)  # for good: Python takes none back
