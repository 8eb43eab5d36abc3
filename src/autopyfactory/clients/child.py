"""A child: a process that answers one request at a time and is killed when that takes too long."""

import contextlib
import fcntl
import os
import subprocess
import threading
import time
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from autopyfactory.clients.asides import Chatter
from autopyfactory.clients.frames import Frames

PIPE = 2**18  # bytes of requests that may wait for it; the pipes of one user hold 64 MiB together
PATIENCE = 0.4  # seconds that an end may take before it is forced, and a forced one before it is left


class Lost(Exception):
    """The child is gone without an answer; `acting` tells whether it may have changed the world."""

    def __init__(self, message: str, *, acting: bool) -> None:
        super().__init__(message)
        self.acting = acting


class Child:
    """One process.  Its answers are frames; before it acts it says so aside, or sends `{"acting": true}`.

    A request may be sent while it works on the one before.  It runs in a session of its own, so that a
    Ctrl-C meant for us does not end it in the middle of an act.  `kill` is for any thread, the others
    for one at a time.
    """

    def __init__(
        self, command: Sequence[str], *, environment: Mapping[str, str], inherited: Collection[int] = ()
    ) -> None:
        with contextlib.ExitStack() as ours, contextlib.ExitStack() as theirs:
            incoming, output = pipe(ours, theirs)
            given, outgoing = pipe(theirs, ours)
            chatter, errors = pipe(ours, theirs)
            with contextlib.suppress(OSError):  # it may be more than the system gives
                fcntl.fcntl(outgoing, fcntl.F_SETPIPE_SZ, PIPE)
            os.set_blocking(errors, False)  # what the pipe does not hold is dropped
            os.set_blocking(chatter, False)
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
        self._chatter = Chatter(chatter)
        self._killed = ""  # why we did it
        self._acting = False
        self._is_open = True

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it can be asked."""
        return self._is_open and not self._killed and self._process.poll() is None

    def send(self, request: Any, seconds: float) -> None:
        """Hand it a request; if it takes none, `hear` says so, after what it has answered before."""
        try:
            self._frames.send(request, time.monotonic() + seconds)
        except TimeoutError:
            self._give_up(seconds)
        except EOFError:
            pass

    def hear(self, seconds: float) -> dict[str, Any]:
        """Its answer to the first request that has none; the time counts from now.

        Raises `Lost`, and it is dead then, if there is none.
        """
        self._acting = False
        if not self._is_open:
            raise Lost(self._killed or "ended before it began", acting=False)
        try:
            answer = self._listen(time.monotonic() + seconds)
        except TimeoutError:
            self._give_up(seconds)
            answer = self._hear_last()
        except EOFError:
            self._reap()
            answer = self._hear_last()
        self._chatter.turn()
        return answer

    def has_room(self) -> bool:
        """Whether it can be sent another request without a wait for it to take those before."""
        return not self._is_open or self._frames.has_room()

    def has_answer(self) -> bool:
        """Whether it has said something that was not heard yet, or ended."""
        return self._is_open and self._frames.has_something()

    def printed(self) -> list[str]:
        """The lines that it wrote to its standard error about the request that it answered last."""
        return self._chatter.lines()

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

    def _hear_last(self) -> dict[str, Any]:
        """What it said before its end, all the same; the next call hears what it said after that."""
        try:
            return self._listen(time.monotonic() + PATIENCE)
        except (EOFError, TimeoutError):
            reason = self._killed or f"ended without an answer ({self._how()})"
            lost = Lost(reason, acting=self._acting or self._chatter.acting())
            self.end()
            raise lost from None

    def _give_up(self, seconds: float) -> None:
        self._killed = f"gave no answer within {seconds:g} s and was killed"
        self.kill()

    def _reap(self) -> None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(PATIENCE)

    def _let_go(self) -> None:
        """Close its pipes."""
        if self._is_open:
            self._is_open = False
            self._frames.close()
            self._chatter.close()

    def _how(self) -> str:
        """How it ended, with its last words."""
        code = self._process.returncode
        how = f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
        words = self._chatter.last_line()
        return f"{how}: {words}" if words else how


def pipe(readers: contextlib.ExitStack, writers: contextlib.ExitStack) -> tuple[int, int]:
    """A pipe whose ends are closed with those who hold them."""
    incoming, outgoing = os.pipe()
    readers.callback(os.close, incoming)
    writers.callback(os.close, outgoing)
    return incoming, outgoing
