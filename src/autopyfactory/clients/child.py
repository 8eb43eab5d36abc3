"""A child: a process that answers one request at a time and is killed when that takes too long."""

import contextlib
import os
import subprocess
import threading
import time
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from autopyfactory.clients.frames import Frames

PATIENCE = 0.4  # seconds that an end may take before it is forced, and a forced one before it is left
LAST_WORDS = 2**16  # bytes of standard error that are kept


class Lost(Exception):
    """The child is gone without an answer; `acting` tells whether it may have changed the world."""

    def __init__(self, message: str, *, acting: bool) -> None:
        super().__init__(message)
        self.acting = acting


class Child:
    """One process.  Its answers are frames; before it acts it sends `{"acting": true}`.

    It runs in a session of its own, so that a Ctrl-C meant for us does not end it in the middle of an
    act.  `ask` and `end` are for one thread at a time, `kill` for any.
    """

    def __init__(
        self, command: Sequence[str], *, environment: Mapping[str, str], inherited: Collection[int] = ()
    ) -> None:
        with contextlib.ExitStack() as ours, contextlib.ExitStack() as theirs:
            incoming, output = pipe(ours, theirs)
            given, outgoing = pipe(theirs, ours)
            self._errors, errors = pipe(ours, theirs)
            os.set_blocking(errors, False)  # chatter beyond what the pipe holds is dropped
            os.set_blocking(self._errors, False)
            self._process = subprocess.Popen(
                command,
                env=environment,
                stdin=given,
                stdout=output,
                stderr=errors,
                pass_fds=tuple(inherited),
                start_new_session=True,
            )
            ours.pop_all()
        self._frames = Frames(incoming, outgoing)
        self._lock = threading.Lock()
        self._acting = False
        self._is_open = True

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it can be asked."""
        return self._is_open and self._process.poll() is None

    def ask(self, request: Any, seconds: float) -> dict[str, Any]:
        """Its answer; the time counts from now.  Raises `Lost`, and it is dead then, if there is none."""
        self._acting = False
        self.printed()  # of no interest any more, and it fills the pipe
        deadline = time.monotonic() + seconds
        try:
            self._frames.send(request, deadline)
            return self._listen(deadline)
        except TimeoutError:
            self.kill()
            reason = f"gave no answer within {seconds:g} s and was killed"
        except EOFError:
            self._reap()
            reason = f"ended without an answer ({self._how()})"
        try:
            return self._listen(time.monotonic() + PATIENCE)  # what it said before its end, all the same
        except (EOFError, TimeoutError):
            raise Lost(reason, acting=self._acting) from None
        finally:
            self.end()

    def printed(self) -> list[str]:
        """The lines that it wrote to its standard error since it was asked, or since it was read here."""
        said = b""
        with contextlib.suppress(BlockingIOError):
            said = os.read(self._errors, LAST_WORDS)
        return [line.strip() for line in said.decode(errors="replace").splitlines() if line.strip()]

    def kill(self) -> None:
        """End it at once, whatever it does; whoever waits for its answer hears that it is lost."""
        self._process.kill()

    def end(self) -> None:
        """Let it end by itself, else kill it; returns within a second."""
        with self._lock:
            self._frames.end_sending()
            self._reap()
            if self._process.returncode is None:
                self.kill()
                self._reap()
            self._let_go()

    def _listen(self, deadline: float) -> dict[str, Any]:
        while True:
            frame: dict[str, Any] = self._frames.receive(deadline)
            if not frame.get("acting"):
                return frame
            self._acting = True

    def _reap(self) -> None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(PATIENCE)

    def _let_go(self) -> None:
        """Close its pipes."""
        if self._is_open:
            self._is_open = False
            self._frames.close()
            os.close(self._errors)

    def _how(self) -> str:
        """How it ended, with its last words."""
        code = self._process.returncode
        how = f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
        lines = self.printed()
        return f"{how}: {lines[-1]}" if lines else how


def pipe(readers: contextlib.ExitStack, writers: contextlib.ExitStack) -> tuple[int, int]:
    """A pipe whose ends are closed with those who hold them."""
    incoming, outgoing = os.pipe()
    readers.callback(os.close, incoming)
    writers.callback(os.close, outgoing)
    return incoming, outgoing
