"""A line to a simulator in a process of its own, which is started when there is none."""

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from autopyfactory.clients.simulation import process as simulator_process
from autopyfactory.clients.simulation.simulator import Setup
from autopyfactory.errors import Unavailable

CHUNK = 2**18
PAUSE = 0.05  # seconds between two attempts to reach a simulator that starts or ends
PARTING = 2.0  # seconds for the last words to it
STARTER = "its target starts it when asked; give a queue when_unknown = { submit = 0 }"


class Link:
    """Asks one question at a time; a line on which an answer did not come in time is given up."""

    def __init__(self, path: Path, setup: Setup | None, seconds: float) -> None:
        """`setup` makes a simulator where there is none; without it, somebody else has to."""
        self._path = path
        self._setup = setup
        self._seconds = seconds
        self._line: socket.socket | None = None
        self._was_reached = False
        self._lock = threading.Lock()  # over `_line` and `_closed`
        self._speaking = threading.Lock()  # while a line is in use
        self._closed = threading.Event()

    def ask(self, **question: Any) -> tuple[Any, float]:
        """The answer, and the simulator's clock in seconds since the epoch.

        Raises `Unavailable`: untouched if the question was never sent, or was refused.
        """
        deadline = time.monotonic() + self._seconds
        line = self._line or self._connect(deadline)
        with self._speaking:
            try:
                reply = say(line, question, deadline)
            except OSError as error:
                self._line = None
                line.close()
                raise Unavailable(f"the simulator at {self._path} gave no answer: {error}") from error
            if self._closed.is_set():
                line.close()
        if "error" in reply:
            raise Unavailable(str(reply["error"]), untouched=True)
        return reply["answer"], reply["clock"]

    def close(self, *, end: bool) -> None:
        """Hang up, also under a question; with `end` the simulator ends with its last client."""
        with self._lock:
            self._closed.set()
            line, self._line = self._line, None
        if line is not None and self._speaking.acquire(blocking=False):
            part(line, last_words=end)
            self._speaking.release()
            return
        if line is not None:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)  # wakes who waits for an answer, and closes the line
        if end and self._was_reached:
            with suppress(OSError):
                part(self._dial(PARTING), last_words=True)

    def _connect(self, deadline: float) -> socket.socket:
        """A line to the simulator that is there, or to a new one."""
        while not self._closed.is_set():
            try:
                return self._keep(self._greet(deadline))
            except TimeoutError as error:
                raise Unavailable(f"the simulator at {self._path} does not answer", untouched=True) from error
            except OSError:
                self._start(deadline)
                self._closed.wait(PAUSE)
        raise Unavailable(f"the simulator at {self._path} was let go", untouched=True)

    def _greet(self, deadline: float) -> socket.socket:
        """A line to a simulator that has counted us among its clients."""
        line = self._dial(deadline - time.monotonic())
        try:
            say(line, {"setup": self._setup and self._setup.model_dump(mode="json")}, deadline)
        except OSError:
            line.close()
            raise
        return line

    def _keep(self, line: socket.socket) -> socket.socket:
        with self._lock:
            self._was_reached = True
            if self._closed.is_set():
                line.close()
            else:
                self._line = line
        return line

    def _dial(self, seconds: float) -> socket.socket:
        if seconds <= 0:
            raise TimeoutError
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            line.settimeout(seconds)
            with simulator_process.short_path(self._path) as name:
                line.connect(name)
        except OSError:
            line.close()
            raise
        return line

    def _start(self, deadline: float) -> None:
        """Start a simulator; where there is one already, the new one ends at once."""
        if self._setup is None:
            raise Unavailable(f"no simulator is at {self._path}: {STARTER}", untouched=True)
        words = [sys.executable, "-P", "-m", simulator_process.__name__]
        words += [str(self._path), self._setup.model_dump_json()]
        try:
            done = subprocess.run(
                words,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=max(0.0, deadline - time.monotonic()),
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Unavailable(f"no simulator started at {self._path}: {error}", untouched=True) from error
        if done.returncode != 0:
            why = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
            raise Unavailable(f"no simulator started at {self._path}: {''.join(why)}", untouched=True)


def default_socket(state: str, section: str) -> Path:
    """Where the simulator of a target listens whose options do not say it."""
    return Path(state, "simulated", f"{section}.socket")


def say(line: socket.socket, question: Mapping[str, Any] | None, deadline: float) -> Mapping[str, Any]:
    """Send one line and hear one; `OSError` when none came before `deadline` (monotonic)."""
    line.settimeout(remaining(deadline))
    line.sendall(json.dumps(question).encode() + b"\n")
    heard = bytearray()
    while not heard.endswith(b"\n"):
        line.settimeout(remaining(deadline))
        chunk = line.recv(CHUNK)
        if not chunk:
            raise ConnectionResetError("the line was cut")
        heard += chunk
    reply: Mapping[str, Any] = json.loads(heard)
    return reply


def part(line: socket.socket, *, last_words: bool) -> None:
    """Hang up, and before, if told, take leave."""
    with line, suppress(OSError):
        if last_words:
            say(line, None, time.monotonic() + PARTING)


def remaining(deadline: float) -> float:
    """Seconds until `deadline`; `TimeoutError` when there are none."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("its time was over")
    return left
