"""The three pipes of a process: fed and read together, with a deadline and a limit of size."""

import os
import selectors
import subprocess
import time
from collections.abc import Callable
from typing import IO

from autopyfactory.errors import Unavailable

CHUNK = 2**16
KEPT = 2**13  # bytes of standard error


class Pipes:
    """What a process is told, and what it has said so far.

    The end of the process counts, not that of its pipes: what it leaves in the background may keep
    them open.
    """

    def __init__(self, process: subprocess.Popen[bytes], name: str, limit: int) -> None:
        self.output = bytearray()
        self.ended = False
        self._errors = bytearray()
        self._name = name
        self._limit = limit
        self._input = b""
        self._pipes: list[IO[bytes]] = []
        self._handle = os.pidfd_open(process.pid)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._handle, selectors.EVENT_READ, self._note_end)
        self._open(process.stdin, selectors.EVENT_WRITE, self._feed)
        self._open(process.stdout, selectors.EVENT_READ, self._hear)
        self._open(process.stderr, selectors.EVENT_READ, self._overhear)

    def attend(self, text: bytes, deadline: float) -> bool:
        """Tell the process `text` and listen until it ended; false when `deadline` (monotonic) came first.

        Raises `Unavailable` when it says more than the limit.
        """
        self._input = text
        while (left := deadline - time.monotonic()) > 0:
            if not self._turn(0 if self.ended else left) and self.ended:
                break  # it has ended, and nothing is left in the pipes
        return self.ended

    def complaint(self) -> str:
        """The end of what it said on standard error."""
        return bytes(self._errors).decode(errors="replace")

    def close(self) -> None:
        """Let go of all pipes."""
        self._selector.close()
        os.close(self._handle)
        for pipe in self._pipes:
            pipe.close()

    def _open(self, pipe: IO[bytes] | None, event: int, act: Callable[[IO[bytes]], None]) -> None:
        assert pipe is not None
        self._pipes.append(pipe)
        os.set_blocking(pipe.fileno(), False)
        self._selector.register(pipe, event, lambda: act(pipe))

    def _turn(self, seconds: float) -> int:
        ready = self._selector.select(seconds)
        for key, _ in ready:
            key.data()
        return len(ready)

    def _note_end(self) -> None:
        self.ended = True
        self._selector.unregister(self._handle)

    def _feed(self, pipe: IO[bytes]) -> None:
        try:
            self._input = self._input[os.write(pipe.fileno(), self._input[:CHUNK]) :]
        except BrokenPipeError:  # it does not want to know; its answer may be right all the same
            self._input = b""
        if not self._input:
            self._selector.unregister(pipe)
            pipe.close()

    def _hear(self, pipe: IO[bytes]) -> None:
        self.output += self._read(pipe)
        if len(self.output) > self._limit:
            raise Unavailable(f"{self._name} answered more than {self._limit} bytes")

    def _overhear(self, pipe: IO[bytes]) -> None:
        self._errors += self._read(pipe)
        del self._errors[:-KEPT]

    def _read(self, pipe: IO[bytes]) -> bytes:
        chunk = os.read(pipe.fileno(), CHUNK)
        if not chunk:
            self._selector.unregister(pipe)
        return chunk
