"""The control socket: how commands talk to the daemon that runs.  One JSON line asks, one answers."""

import json
import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from autopyfactory.app.state import CONTROL
from autopyfactory.errors import ConfigError, FactoryError, Unavailable
from autopyfactory.shared import say
from autopyfactory.worker import start_thread

log = logging.getLogger(__name__)
Answer = Callable[[Mapping[str, Any]], Mapping[str, Any]]

LONGEST_REQUEST = 64 * 1024  # bytes
LONGEST_PATH = 100  # bytes that a socket's address surely has room for
TALKERS = 16  # connections served at once
SECONDS = 10.0  # for one side to say its line
PAUSE = 0.5  # seconds after which it accepts again when the system had no open file left


class NoDaemon(FactoryError):
    """Nobody listens: start `apf run`, or look at another state folder."""


class ControlSocket:
    """Answers requests in threads of their own, so that a slow one delays no other."""

    def __init__(self, folder: Path, answers: Mapping[str, Answer]) -> None:
        self.path = folder / CONTROL
        self._answers = answers
        self._places = threading.Semaphore(TALKERS)
        self._socket: socket.socket | None = None
        self._closed = threading.Event()

    def open(self) -> None:
        """Listen.  The caller holds the lock of the folder: what lies there is a dead daemon's."""
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        draft = self.path.with_suffix(".new")  # nobody finds it before it listens
        try:
            draft.unlink(missing_ok=True)
            with address(draft) as name:
                listening.bind(name)
            draft.chmod(0o600)
            listening.listen(TALKERS)
            draft.replace(self.path)
        except OSError as error:
            listening.close()
            raise ConfigError(f"control socket {self.path}: {error.strerror}") from error
        self._socket = listening
        start_thread("control", lambda: self._work(listening))

    def close(self) -> None:
        """Listen no more and take the socket away; closing a second time does nothing."""
        self._closed.set()
        listening, self._socket = self._socket, None
        if listening is not None:
            self.path.unlink(missing_ok=True)
            listening.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
            listening.close()

    def _work(self, listening: socket.socket) -> None:
        while not self._closed.is_set():
            try:
                connection, _ = listening.accept()
            except OSError as error:  # closed, or there are too many open files
                log.debug("control socket: %s", error)
                self._closed.wait(PAUSE)
            else:
                self._receive(connection)

    def _receive(self, connection: socket.socket) -> None:
        """Hand a connection to a thread; with too many of them, or no thread, it is closed."""
        if not self._places.acquire(blocking=False):
            connection.close()
            return
        try:
            start_thread("control request", lambda: self._talk(connection), stack=0)
        except Unavailable as error:
            self._places.release()
            connection.close()
            log.warning("control socket: %s", error)

    def _talk(self, connection: socket.socket) -> None:
        try:
            with connection:
                connection.settimeout(SECONDS)
                answer = self._answer(read_line(connection))
                connection.settimeout(SECONDS)
                connection.sendall(json.dumps(answer).encode() + b"\n")
        except OSError as error:
            log.debug("control socket: somebody went away: %s", error)
        finally:
            self._places.release()

    def _answer(self, line: bytes) -> Mapping[str, Any]:
        request = parse(line)
        answer = self._answers.get(str(request.get("ask")))
        if not request:
            return {"error": "a request is one line of JSON, an object of at most 64 kB"}
        if answer is None:
            return {"error": f"unknown request; known are {', '.join(sorted(self._answers))}"}
        try:
            return {"error": None, **answer(request)}
        except FactoryError as error:
            return {"error": str(error), "mend": isinstance(error, ConfigError)}
        except Exception as error:
            log.exception("control socket: a request failed")
            return {"error": say(error)}


def parse(line: bytes) -> Mapping[str, Any]:
    """A request; an empty one if it is none."""
    try:
        request = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return request if isinstance(request, dict) else {}


def ask(folder: Path, request: Mapping[str, Any], patience: float = SECONDS) -> Mapping[str, Any]:
    """What the daemon of this state folder answers within `patience` seconds.

    Raises `NoDaemon` when none runs; what the daemon refuses comes back as the error that it was.
    """
    path = folder / CONTROL
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(patience)
        try:
            with address(path) as name:
                connection.connect(name)
            connection.sendall(json.dumps(request).encode() + b"\n")
            answer: Mapping[str, Any] = json.loads(read_line(connection, longest=None))
        except FileNotFoundError as error:
            raise NoDaemon(f"no daemon runs here: there is no {path}") from error
        except ConnectionRefusedError as error:
            raise NoDaemon(f"no daemon runs here: {path} is left over from a dead one") from error
        except (OSError, ValueError) as error:
            raise FactoryError(f"the daemon at {path} gave no answer: {error}") from error
    if answer["error"] is not None:
        raise (ConfigError if answer.get("mend") else FactoryError)(answer["error"])
    return answer


def runs(folder: Path) -> bool:
    """Whether a daemon listens at this state folder."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(SECONDS)
        try:
            with address(folder / CONTROL) as name:
                connection.connect(name)
        except OSError:
            return False
    return True


def read_line(connection: socket.socket, longest: int | None = LONGEST_REQUEST) -> bytes:
    """One line, or what came before the other side ended; no more than `longest` bytes of it."""
    parts: list[bytes] = []
    size = 0
    while (longest is None or size <= longest) and (part := connection.recv(65536)):
        parts.append(part)
        size += len(part)
        if part.endswith(b"\n"):
            break
    return b"".join(parts) if longest is None or size <= longest else b""


@contextmanager
def address(path: Path) -> Iterator[str]:
    """A name for a socket that fits into an address (108 bytes), however long its path is."""
    if len(os.fsencode(path)) <= LONGEST_PATH:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
