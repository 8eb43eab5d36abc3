"""A call of a plug-in on its way, and who waits for it."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

from autopyfactory.errors import Unavailable
from autopyfactory.model import Clock

T = TypeVar("T")
GRACE = 1.0  # seconds that one waits longer for a call of a series, to hear what the series itself says


class Call(Generic[T]):
    """One call on its way: waiting, running or over."""

    def __init__(
        self,
        name: str,
        run: Callable[[], T],
        clock: Clock = time.monotonic,
        series: "Series | None" = None,
        matter: object = None,
    ) -> None:
        self.name = name
        self.run = run
        self.clock = clock
        self.series = series  # what performs it together with others
        self.matter: Any = matter  # what the series knows it by
        self.began: float | None = None
        self.ended: float | None = None
        self.withdrawn = False  # taken back before it began
        self.abandoned = False  # nobody waits for its end any more
        self.result: T | None = None
        self.error: Exception | None = None
        self._lock = threading.Lock()  # everything changes under it
        self._gate = threading.Lock()  # closed, which is locked, until nobody needs to wait any more
        self._gate.acquire()
        self._is_open = False

    def perform(self) -> None:
        """Run it, unless it was withdrawn; its failure is its result."""
        if self.begin():
            self.end(self.run)

    def begin(self) -> bool:
        """Let it begin; false if it was withdrawn.  Nobody is woken by that."""
        with self._lock:
            if not self.withdrawn:
                self.began = self.clock()
            return not self.withdrawn

    def proceed(self) -> None:
        """One of its series that was in front of it is over: its time counts from now."""
        with self._lock:
            self.began = self.clock()

    def end(self, run: Callable[[], T]) -> None:
        """Let it end with what `run` returns or raises."""
        try:
            self.result = run()
        except BaseException as error:  # SystemExit, too: this thread serves others after it
            self.error = error if isinstance(error, Exception) else RuntimeError(f"it raised {error!r}")
        with self._lock:
            self.ended = self.clock()
            self._open()

    def withdraw(self) -> bool:
        """Take it back unless it began; true if it will surely never begin."""
        with self._lock:
            self.withdrawn = self.began is None
            if self.withdrawn:
                self._open()
            return self.withdrawn

    def abandon(self) -> None:
        """Let nobody wait for its end."""
        with self._lock:
            self.abandoned = True
            self._open()

    def wait(self, seconds: float) -> T:
        """Its result, if it begins within `seconds` and ends within `seconds` after that, or after `proceed`.

        Raises what the call raised, or `Unavailable`: untouched when it never began.
        """
        self._await(seconds)
        with self._lock:
            if self.began is None:
                self.withdrawn = True
                raise Unavailable(f"{self.name} did not begin within {seconds:g} s", untouched=True)
        patience = seconds if self.series is None else seconds + GRACE
        waited_from = None
        while waited_from != self.began and not self._is_open:
            waited_from = self.began
            self._await(max(0.0, waited_from + patience - self.clock()))
        with self._lock:
            if self.ended is None:
                raise Unavailable(f"{self.name} did not end within {seconds:g} s")
        if self.error is not None:
            raise self.error
        return self.result  # type: ignore[return-value]  # it ended without an error

    def _await(self, seconds: float) -> None:
        """Wait until the gate is open, at most so long; others may follow."""
        if self._gate.acquire(timeout=seconds):
            self._gate.release()

    def _open(self) -> None:
        """Let all go who wait."""
        if not self._is_open:
            self._is_open = True
            self._gate.release()


Series = Callable[[Iterator[Call[Any]]], None]
"""Performs calls in a row: takes one after another, begun, and ends each, maybe after it took the next."""
