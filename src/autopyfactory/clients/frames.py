"""Frames: JSON messages over a pair of pipes, each behind its length, with a deadline for either end."""

import json
import os
import select
import struct
import time
from typing import Any

HEADER = struct.Struct(">I")
CHUNK = 2**16
LIMIT = 2**26  # bytes of one message


class Frames:
    """One end of a conversation.  Deadlines are monotonic seconds; without one it waits for ever."""

    def __init__(self, incoming: int, outgoing: int) -> None:
        self._incoming = incoming
        self._outgoing = outgoing
        self._received = bytearray()
        self._something, self._room = watch(incoming, select.POLLIN), watch(outgoing, select.POLLOUT)

    def send(self, message: Any, deadline: float | None = None) -> None:
        """Send one message.  Raises `EOFError` when nobody is there, `TimeoutError` at the deadline."""
        text = json.dumps(message).encode()
        rest = memoryview(HEADER.pack(len(text)) + text)
        while rest:
            try:
                rest = rest[os.write(self._outgoing, rest[:CHUNK]) :]
            except BlockingIOError:
                await_event(self._room, deadline)
            except BrokenPipeError as error:
                raise EOFError("nobody listens") from error

    def receive(self, deadline: float | None = None) -> Any:
        """The next message.  Raises `EOFError` when none will come, `TimeoutError` at the deadline."""
        self._gather(HEADER.size, deadline)
        (length,) = HEADER.unpack_from(self._received)
        if length > LIMIT:
            raise EOFError(f"a message of {length} bytes is none of ours")
        end = HEADER.size + length
        self._gather(end, deadline)
        text = self._received[HEADER.size : end]
        del self._received[:end]
        return json.loads(text)

    def has_something(self) -> bool:
        """Whether something is there to be received, a part of a message or the end of all."""
        return bool(self._received or self._something.poll(0))

    def end_sending(self) -> None:
        """Let the other end read its end of file."""
        outgoing, self._outgoing = self._outgoing, -1
        if outgoing >= 0:
            os.close(outgoing)

    def close(self) -> None:
        """Close both pipes."""
        self.end_sending()
        incoming, self._incoming = self._incoming, -1
        if incoming >= 0:
            os.close(incoming)

    def _gather(self, size: int, deadline: float | None) -> None:
        """Wait until so many bytes are there."""
        while len(self._received) < size:
            await_event(self._something, deadline)
            heard = os.read(self._incoming, CHUNK)
            if not heard:
                raise EOFError("the other end is gone")
            self._received += heard


def watch(handle: int, event: int) -> select.poll:
    """Who waits for this event of a pipe, of which nothing blocks from now on."""
    os.set_blocking(handle, False)
    watcher = select.poll()
    watcher.register(handle, event)
    return watcher


def await_event(watcher: select.poll, deadline: float | None) -> None:
    """Wait for it.  Raises `TimeoutError` at the deadline."""
    left = None if deadline is None else max(0.0, deadline - time.monotonic()) * 1000
    if not watcher.poll(left):
        raise TimeoutError
