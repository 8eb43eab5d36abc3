"""Asides: what a child prints to its standard error, and two marks among it that wake nobody.

One mark parts what is said of a request from what was said before, the other tells that the child acts
upon it.  The pipe never makes the child wait: what it cannot hold is lost, and who writes a mark knows it.
"""

import contextlib
import os

KEPT = 2**16  # bytes of standard error
BEGUN, ACTING = b"\x1e", b"\x06"
STANDARD_ERROR = 2
LAG = 16  # answers after which it is looked for what was said of them, if nobody asks before


class Asides:
    """The child's end."""

    def __init__(self, handle: int = STANDARD_ERROR) -> None:
        self._handle = handle
        self._owed = 0  # marks that could not be written yet

    def begin(self) -> None:
        """From now on all is of the next request."""
        self._owed += 1
        if self._write(BEGUN * self._owed):
            self._owed = 0

    def act(self) -> bool:
        """The request is acted upon; false if that could not be said."""
        return not self._owed and self._write(ACTING)

    def _write(self, marks: bytes) -> bool:
        try:
            return os.write(self._handle, marks) == len(marks)
        except OSError:  # it is full, or nobody reads it
            return False


class Chatter:
    """The parent's end; never waited for."""

    def __init__(self, handle: int) -> None:
        self._handle = handle
        self._heard = b""
        self._owed = 0  # requests that were answered, and whose begin has not been heard yet

    def turn(self) -> None:
        """Forget what was said of requests before the one that has just been answered."""
        self._owed += 1
        if self._owed >= LAG:
            self._catch_up()

    def lines(self) -> list[str]:
        """What was said of that request."""
        return split(self._catch_up().partition(BEGUN)[0])

    def acting(self) -> bool:
        """Whether the request after that may be acted upon."""
        rest = self._catch_up().partition(BEGUN)[2]
        return ACTING in (self._heard if self._owed else rest)

    def last_line(self) -> str:
        """The last words."""
        return next(reversed(split(self._hear().replace(BEGUN, b"\n"))), "")

    def close(self) -> None:
        """Hear no more."""
        os.close(self._handle)

    def _catch_up(self) -> bytes:
        """What was said since the request that has just been answered began."""
        self._hear()
        while self._owed and BEGUN in self._heard:
            self._heard = self._heard.partition(BEGUN)[2]
            self._owed -= 1
        if self._owed:
            self._heard = self._heard[-KEPT:]
        return self._heard

    def _hear(self) -> bytes:
        with contextlib.suppress(BlockingIOError):
            self._heard += os.read(self._handle, KEPT)
        return self._heard


def split(said: bytes) -> list[str]:
    """The lines that say something, without marks."""
    text = said.replace(ACTING, b"").decode(errors="replace")
    return [line.strip() for line in text.splitlines() if line.strip()]
