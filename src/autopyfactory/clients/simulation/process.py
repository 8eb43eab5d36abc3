"""A process of its own for a simulator: found by its socket, alone by its lock, ended by itself.

Run as `python -m autopyfactory.clients.simulation.process SOCKET SETUP`; returns when the process serves,
or when another one already does.
"""

import json
import os
import socket
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from autopyfactory.clients import locks
from autopyfactory.clients.simulation.simulator import Setup, Simulator

TICK = 0.2  # seconds between two looks at whether it is time to end
BACKLOG = 100


class Attendance:
    """How many clients there are, and whether there is reason to wait for more."""

    def __init__(self) -> None:
        self.is_wanted = True
        self._lock = threading.Lock()
        self._present = 0
        self._left = time.monotonic()  # when the last one left
        self._over = False

    def enter(self) -> bool:
        """One more; false when it comes too late."""
        with self._lock:
            self._present += not self._over
            return not self._over

    def leave(self, *, last_words: bool) -> None:
        """One less; when all are gone, and nobody came after last words, it is over."""
        with self._lock:
            self._present -= 1
            self.is_wanted &= not last_words
            self._left = time.monotonic()
            self._over = self._over or (self._present == 0 and not self.is_wanted)

    def is_over(self, linger: float) -> bool:
        """Whether it is over, by a last word or since nobody came for `linger` seconds; that is final."""
        with self._lock:
            idle = time.monotonic() - self._left
            self._over = self._over or (self._present == 0 and idle > linger)
            return self._over


class Server:
    """Serves one simulator until nobody wants it any more.

    The first line of a client is its setup, and is answered at once; so a client knows that it is
    counted before it asks anything.  The line `null` takes leave: without it the server goes on for a
    while when its last client is gone.
    """

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._attendance = Attendance()
        self._stopping = threading.Event()

    def serve(self, listener: socket.socket) -> None:
        """Serve on a listening socket, until it is time to end."""
        listener.settimeout(TICK)
        while not self._attendance.is_over(self._simulator.setup.linger.total_seconds()):
            try:
                line, _ = listener.accept()
            except TimeoutError:
                continue
            if self._attendance.enter():
                line.settimeout(None)
                threading.Thread(target=self._attend, args=[line], daemon=True).start()
            else:
                line.close()
        self._stopping.set()

    def _attend(self, line: socket.socket) -> None:
        last_words = False
        with line:
            try:
                last_words = self._talk(line)
            except OSError:
                last_words = False  # it left under its question, which has been carried out all the same
            finally:
                self._attendance.leave(last_words=last_words)
            with suppress(OSError):
                line.sendall(b"{}\n" if last_words else b"")

    def _talk(self, line: socket.socket) -> bool:
        """Answer line by line; whether the client took leave in the end."""
        with line.makefile("rwb") as file:
            for text in file:
                question = json.loads(text)
                if question is None:
                    return True
                file.write(json.dumps(self._reply(question)).encode() + b"\n")
                file.flush()
        return False

    def _reply(self, question: Mapping[str, Any]) -> Mapping[str, Any]:
        if "setup" not in question:
            return self._simulator.answer(question, self._stopping.wait)
        self._attendance.is_wanted = True
        if question["setup"] is not None:
            self._simulator.adopt(Setup.model_validate(question["setup"]))
        return {}


@contextmanager
def short_path(path: Path) -> Iterator[str]:
    """A name of `path` that is short enough for a socket, however deep its folder lies."""
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


@contextmanager
def listening(path: Path) -> Iterator[socket.socket | None]:
    """A socket that listens at `path`, for this process alone; `None` when another process has it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = locks.open_locked(f"{path}.lock")
    if lock is None:
        yield None
        return
    try:
        path.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            bind(listener, path)
            listener.listen(BACKLOG)
            yield listener
        path.unlink(missing_ok=True)
    finally:
        os.close(lock)


def bind(listener: socket.socket, path: Path) -> None:
    """Bind to `path`, for this user alone."""
    mask = os.umask(0o177)
    try:
        with short_path(path) as name:
            listener.bind(name)
    finally:
        os.umask(mask)


def detach() -> None:
    """Go on in a new process, with nothing of the old one's but what it opened; the old one ends."""
    if os.fork():
        os._exit(0)
    os.setsid()
    os.chdir("/")
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)


def main(path: str, setup: str) -> None:
    """Serve a new simulator at `path`, in a process that outlives this one."""
    simulator = Simulator(Setup.model_validate_json(setup))
    with listening(Path(path)) as listener:
        if listener is not None:
            detach()
            Server(simulator).serve(listener)


if __name__ == "__main__":
    main(*sys.argv[1:])
