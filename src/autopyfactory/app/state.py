"""The state folder of a factory: the lock that lets one process act, and what else lies there."""

import fcntl
import os
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

from autopyfactory.errors import ConfigError, FactoryError

ACTS = "acts"  # the ledger
CONTROL = "control.sock"
LOCK = "lock"
PAUSE = 0.2  # seconds between two looks at a lock that somebody holds


class Locked(FactoryError):
    """Somebody else may act for this factory."""


def default_folder(factory: str) -> Path:
    """Where a factory keeps its state when its configuration does not say."""
    home = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(home) / "autopyfactory" / factory


def prepare(folder: Path) -> None:
    """Make the folder, readable by nobody else; `ConfigError` when it cannot be ours."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        owner = folder.stat().st_uid
        if owner != os.geteuid():
            raise ConfigError(
                f"state folder {folder} belongs to user {owner}: set [factory] state to your own"
            )
        folder.chmod(0o700)
    except OSError as error:
        raise ConfigError(
            f"state folder {folder}: {error.strerror}; set [factory] state to another"
        ) from error


class FolderLock:
    """The right to act for the factory of one state folder, held until this process and its heirs end.

    The kernel gives the lock back when the last process that holds `descriptor` is gone.  Children
    that act on our behalf inherit it, so that nobody takes over while one of them may still act.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / LOCK
        self.descriptor = -1

    def take(self, patience: float, hopeless: Callable[[], bool] = lambda: False) -> None:
        """Take it, or raise `Locked` after `patience` seconds, or at once when waiting is `hopeless`."""
        try:
            self.descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise ConfigError(f"lock {self.path}: {error.strerror}") from error
        deadline = time.monotonic() + patience
        pause = threading.Event()
        while not self._try():
            if hopeless():
                raise Locked(f"another daemon runs: {self.holder()} holds {self.path}")
            if time.monotonic() > deadline:
                raise Locked(
                    f"{self.path} is held: {self.holder()} runs, or a process that it started may still act,"
                    " which ends by itself when the timeout of its section is over"
                )
            pause.wait(PAUSE)
        os.ftruncate(self.descriptor, 0)
        os.pwrite(self.descriptor, f"pid {os.getpid()} on {socket.gethostname()}\n".encode(), 0)

    def holder(self) -> str:
        """Who wrote himself down in it: 'pid 123 on host'."""
        return os.pread(self.descriptor, 200, 0).decode(errors="replace").strip() or "somebody"

    def keep(self) -> None:
        """Hold it until this process ends, for something that hangs in it may still act."""
        self.descriptor = -1

    def release(self) -> None:
        """Give it back, unless an heir holds it."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1

    def _try(self) -> bool:
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
