"""One payload of a pilot: a program in a process group of its own, which does not outlive its pilot."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path

SET_PARENT_DEATH_SIGNAL = 1  # of prctl(2)
NOTHING: frozenset[signal.Signals] = frozenset()
GRACE = 5.0  # seconds that a payload has to end by itself
LAST_WAIT = 5.0  # seconds that a killed process may take to be gone
LIBRARY = ctypes.CDLL(None)


class Payload:
    """A running program.  Nobody but us waits for it, so its number stays its own until we do.

    It inherits our environment with `environment` on top, and the open files `keep`.
    Raises `OSError` when the program cannot be started.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        output: str,
        directory: str = "",
        environment: Mapping[str, str] | None = None,
        keep: Collection[int] = (),
    ) -> None:
        parent = os.getpid()
        with ExitStack() as files:
            try:
                self._process = subprocess.Popen(
                    list(arguments),
                    stdin=subprocess.DEVNULL,
                    stdout=files.enter_context(Path(f"{output}.out").open("ab")),
                    stderr=files.enter_context(Path(f"{output}.err").open("ab")),
                    cwd=directory or None,
                    env={**os.environ, **(environment or {})},
                    pass_fds=keep,
                    process_group=0,
                    preexec_fn=lambda: prepare(parent),
                )
            except (ValueError, subprocess.SubprocessError) as error:
                raise OSError(f"cannot start {arguments[0]!r}: {error}") from error

    def has_ended(self) -> bool:
        """Whether the program ended; what it left behind keeps its process group until `reap`."""
        if self._process.returncode is not None:
            return True
        look = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, self._process.pid, look) is not None

    def send(self, number: signal.Signals) -> None:
        """Send a signal to all processes of its group."""
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)

    def reap(self) -> int:
        """The exit code of a program that ended; below 0: the signal that ended it."""
        return self._process.wait(timeout=LAST_WAIT)


def prepare(parent: int) -> None:
    """Make ready the child that becomes the program: it is to hear signals, and to go with its pilot."""
    signal.pthread_sigmask(signal.SIG_SETMASK, NOTHING)
    LIBRARY.prctl(SET_PARENT_DEATH_SIGNAL, ctypes.c_ulong(signal.SIGTERM))
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGTERM)


def stop(payloads: Collection[Payload], grace: float) -> None:
    """Ask the payloads to end, and after `grace` seconds make them and all that they left behind."""
    for payload in payloads:
        payload.send(signal.SIGTERM)
    wait(payloads, grace)
    for payload in payloads:
        payload.send(signal.SIGKILL)
    wait(payloads, LAST_WAIT)


def wait(payloads: Collection[Payload], seconds: float) -> None:
    """Wait until all have ended, at most so long."""
    deadline = time.monotonic() + seconds
    while not all(payload.has_ended() for payload in payloads) and time.monotonic() < deadline:
        signal.sigtimedwait({signal.SIGCHLD}, 0.05)


def say(sentence: str) -> None:
    """Write a line with the time into the log of this pilot."""
    sys.stdout.write(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}Z {sentence}\n")
    sys.stdout.flush()
