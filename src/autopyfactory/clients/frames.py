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
        for handle in (incoming, outgoing):
            os.set_blocking(handle, False)

    def send(self, message: Any, deadline: float | None = None) -> None:
        """Send one message.  Raises `EOFError` when nobody is there, `TimeoutError` at the deadline."""
        text = json.dumps(message).encode()
        rest = memoryview(HEADER.pack(len(text)) + text)
        while rest:
            try:
                rest = rest[os.write(self._outgoing, rest[:CHUNK]) :]
            except BlockingIOError:
                self._await(self._outgoing, select.POLLOUT, deadline)
            except BrokenPipeError as error:
                raise EOFError("nobody listens") from error

    def receive(self, deadline: float | None = None) -> Any:
        """The next message.  Raises `EOFError` when none will come, `TimeoutError` at the deadline."""
        (length,) = HEADER.unpack(self._take(HEADER.size, deadline))
        if length > LIMIT:
            raise EOFError(f"a message of {length} bytes is none of ours")
        return json.loads(self._take(length, deadline))

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

    def _take(self, size: int, deadline: float | None) -> bytes:
        while len(self._received) < size:
            self._await(self._incoming, select.POLLIN, deadline)
            heard = os.read(self._incoming, CHUNK)
            if not heard:
                raise EOFError("the other end is gone")
            self._received += heard
        taken = bytes(self._received[:size])
        del self._received[:size]
        return taken

    @staticmethod
    def _await(handle: int, event: int, deadline: float | None) -> None:
        poll = select.poll()
        poll.register(handle, event)
        left = None if deadline is None else max(0.0, deadline - time.monotonic())
        if not poll.poll(None if left is None else left * 1000):
            raise TimeoutError
