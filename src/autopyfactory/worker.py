"""A worker: one thread that runs the calls of one section, one after another."""

import threading
from collections.abc import Callable, Iterator
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from autopyfactory.call import Call, Series
from autopyfactory.errors import Closed, Unavailable, unpack
from autopyfactory.model import Clock

T = TypeVar("T")
STACK = 256 * 1024  # bytes; thousands of threads sleep most of the time
SERIES = 50  # calls that one series is handed at a time


class Worker:
    """One daemon thread, started at the first call; a call that hangs keeps only its own section."""

    def __init__(self, name: str, clock: Clock) -> None:
        self.name = name
        self.clock = clock
        self._calls: SimpleQueue[Call[Any] | None] = SimpleQueue()
        self._next: list[Call[Any] | None] = []  # one at most, which a series left to the next turn
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._open: set[Call[Any]] = set()
        self._closed = False

    def put(
        self, name: str, run: Callable[[], T], series: Series | None = None, matter: object = None
    ) -> Call[T]:
        """Line up a call.  Raises `Unavailable` (untouched) when the worker is closed or has no thread.

        Calls in a row that name the same `series` are performed by it, and not run.
        """
        call = Call(name, run, self.clock, series, matter)
        with self._lock:
            if self._closed:
                raise Closed(f"{self.name} is closed", untouched=True)
            if self._thread is None:
                self._thread = start_thread(self.name, self._work, stack=0)
            self._open.add(call)
        self._calls.put(call)
        return call

    def running(self) -> str:
        """What runs now and since when, in words; empty when nothing does."""
        with self._lock:
            calls = [(call.began, call.name) for call in self._open if call.ended is None]
        began, name = min(((began, name) for began, name in calls if began is not None), default=(0.0, ""))
        return name and f"{name} runs since {self.clock() - began:.0f} s"

    def close(self) -> None:
        """Take back what has not begun and end the thread after what runs; returns at once."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            waiting = list(self._open)
        for call in waiting:
            call.withdraw()
        self._calls.put(None)

    def join(self, seconds: float) -> bool:
        """After `close`: wait for what runs; true if it has ended."""
        if self._thread is not None:
            self._thread.join(seconds)
        return self._thread is None or not self._thread.is_alive()

    def abandon(self) -> None:
        """After `close`: let nobody wait for what runs."""
        with self._lock:
            waiting = list(self._open)
        for call in waiting:
            call.abandon()

    def _work(self) -> None:
        while (call := self._next.pop() if self._next else self._calls.get()) is not None:
            taken = self._perform(call)
            with self._lock:
                self._open.difference_update(taken)

    def _perform(self, call: Call[Any]) -> list[Call[Any]]:
        """Perform a call, and those behind it that are of the same series; which those were."""
        taken = [call]
        if call.series is None:
            call.perform()
        elif call.begin():
            try:
                call.series(self._follow(call.series, taken))
                failure = RuntimeError("nobody answered")
            except BaseException as error:
                failure = RuntimeError(f"it raised {error!r}")
            for one in taken:
                if one.began is not None and one.ended is None:
                    one.end(partial(unpack, failure))
        return taken

    def _follow(self, series: Series, taken: list[Call[Any]]) -> Iterator[Call[Any]]:
        """The call that was taken, then those of its series right behind it, each as it begins."""
        yield taken[0]
        while len(taken) < SERIES:
            try:
                call = self._calls.get_nowait()
            except Empty:
                return
            if call is None or call.series != series:
                self._next.append(call)
                return
            taken.append(call)
            if call.begin():
                yield call


class Inline(Worker):
    """A worker without a thread, for a virtual clock: who puts a call performs it, and no time passes."""

    def put(
        self, name: str, run: Callable[[], T], series: Series | None = None, matter: object = None
    ) -> Call[T]:
        """Perform a call; it is over when this returns.  Raises `Closed` when the worker is closed."""
        if self._closed:
            raise Closed(f"{self.name} is closed", untouched=True)
        call = Call(name, run, self.clock, series, matter)
        self._perform(call)
        return call


def start_thread(name: str, run: Callable[[], None], stack: int = STACK) -> threading.Thread:
    """Start a daemon thread with a stack of so many bytes; 0 stands for the system's own size.

    Raises `Unavailable` when the system has no more threads to give.
    """
    with STACKS:
        before = threading.stack_size(stack)
        try:
            thread = threading.Thread(target=run, name=name, daemon=True)
            thread.start()
        except RuntimeError as error:
            raise Unavailable(f"no thread for {name}: {error}", untouched=True) from error
        finally:
            threading.stack_size(before)
    return thread


STACKS = threading.Lock()  # the stack size is a setting of the whole process
