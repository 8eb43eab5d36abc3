"""Frames: JSON messages over a pair of pipes, each behind its length, with a deadline for either end."""

import fcntl
import json
import os
import select
import struct
import termios
import time
from collections import deque
from typing import Any

HEADER = struct.Struct(">I")
CHUNK = 2**16
LIMIT = 2**26  # bytes of one message
UNREAD = struct.Struct("i")


class Frames:
    """One end of a conversation.  Deadlines are monotonic seconds; without one it waits for ever."""

    def __init__(self, incoming: int, outgoing: int) -> None:
        self._incoming = incoming
        self._outgoing = outgoing
        self._received = bytearray()  # what is no whole message yet
        self._messages: deque[Any] = deque()
        self._something, self._room = watch(incoming, select.POLLIN), watch(outgoing, select.POLLOUT)
        self._capacity = fcntl.fcntl(outgoing, fcntl.F_GETPIPE_SZ)
        self._sent = 0  # bytes of the last message

    def send(self, message: Any, deadline: float | None = None) -> None:
        """Send one message.  Raises `EOFError` when nobody is there, `TimeoutError` at the deadline."""
        text = json.dumps(message).encode()
        rest = memoryview(HEADER.pack(len(text)) + text)
        self._sent = len(rest)
        while rest:
            try:
                rest = rest[os.write(self._outgoing, rest[:CHUNK]) :]
            except BlockingIOError:
                await_event(self._room, deadline)
            except BrokenPipeError as error:
                raise EOFError("nobody listens") from error

    def has_room(self) -> bool:
        """Whether one more message like the last would be taken at once, though nobody reads.

        The kernel may leave half of each page of a pipe empty.
        """
        unread = bytearray(UNREAD.size)
        fcntl.ioctl(self._outgoing, termios.FIONREAD, unread)
        size: int = UNREAD.unpack(unread)[0] + self._sent
        return 2 * size < self._capacity

    def receive(self, deadline: float | None = None) -> Any:
        """The next message.  Raises `EOFError` when none will come, `TimeoutError` at the deadline."""
        while not self._messages:
            self._split()
            if not self._messages:
                self._gather(deadline)
        return self._messages.popleft()

    def has_something(self) -> bool:
        """Whether something is there to be received, a part of a message or the end of all."""
        return bool(self._messages or self._received or self._something.poll(0))

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

    def _gather(self, deadline: float | None) -> None:
        """Wait until more is there."""
        await_event(self._something, deadline)
        heard = os.read(self._incoming, CHUNK)
        if not heard:
            raise EOFError("the other end is gone")
        self._received += heard

    def _split(self) -> None:
        """Read all messages that are there in full, together: right after another the next is cheap.

        Nonsense is an error when it is the first of them.
        """
        begin = 0
        try:
            while end := self._find_end(begin):
                self._messages.append(json.loads(self._received[begin + HEADER.size : end].decode()))
                begin = end
        except ValueError as error:
            if not self._messages:
                raise EOFError(f"what came is no message: {error}") from error
        del self._received[:begin]

    def _find_end(self, begin: int) -> int:
        """Where the message that begins there ends; 0 while it is not there in full."""
        start = begin + HEADER.size
        if len(self._received) < start:
            return 0
        (length,) = HEADER.unpack_from(self._received, begin)
        if length > LIMIT:
            raise ValueError(f"it says that it has {length} bytes")
        return start + length if len(self._received) >= start + length else 0


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
