"""The turns of one queue: a fold over its reports, and the line, a thread that takes them in rhythm."""

import contextlib
import threading
import zlib
from collections.abc import Callable

from autopyfactory.cycle import Cycle, Queue
from autopyfactory.errors import Unavailable
from autopyfactory.model import Report
from autopyfactory.worker import start_thread

Run = Callable[[Queue, Report | None], Report]

STEP = 2.0  # seconds from one phase to the next, at most
STEPS = 30  # phases of an interval, at least


class Turns:
    """All turns of one queue: each gets the report of the one before it, and two never overlap."""

    def __init__(
        self, queue: Queue, cycle: Cycle, publish: Callable[[Report], None], before: "Turns | None" = None
    ) -> None:
        self.queue = queue
        self.cycle = cycle
        self.report: Report | None = None
        self._publish = publish
        self._before = before  # turns of the same queue that left and came back
        self._followed = False
        self._turning = threading.Lock()

    def first(self, now: float, wall: float) -> float:
        """When the first turn is due: at its phase of the wall clock, within an interval."""
        interval = self.queue.interval
        return now + (find_phase(self.queue.name, interval) - wall) % interval

    def turn(self, due: float) -> float:
        """Run the cycle that is due and say when the next one is; missed turns are not made up."""
        try:
            self.take()
        except Unavailable:  # others have taken over: this line is about to end
            return due + self.queue.interval
        interval = self.queue.interval
        missed = (self.cycle.clock() - due) // interval
        return due + (max(0.0, missed) + 1) * interval

    def take(self, run: Run | None = None) -> Report:
        """Run one cycle, or what takes its place, now, after the one that may be running.

        Raises `Unavailable` when followed.
        """
        with self._turning:
            if self._followed:
                raise Unavailable(f"queue {self.queue.name} was just replaced", untouched=True)
            if self._before is not None:
                self.report, self._before = self._before.hand_over(), None
            self.report = (run or self.cycle.run)(self.queue, self.report)
            self._publish(self.report)
            return self.report

    def hand_over(self) -> Report | None:
        """The last report, once the last turn is over; there will be no more."""
        with self._turning:
            self._followed = True
            if self._before is not None:
                self.report, self._before = self._before.hand_over(), None
            return self.report


class Line:
    """A queue at work: a thread that takes its turns, as many as `cycles` or without end."""

    def __init__(self, turns: Turns, cycles: int | None) -> None:
        self.turns = turns
        self.thread: threading.Thread | None = None
        self.is_stopping = False
        self._cycles = cycles
        self._rest = threading.Lock()  # the thread waits for it between two turns; cheaper than an event
        self._rest.acquire()

    def start(self) -> None:
        """Start the thread, unless there is one.  Raises `Unavailable` when the system has none to give."""
        if self.thread is None:
            self.thread = start_thread(f"queue {self.turns.queue.name}", self._work)

    def swap(self, queue: Queue) -> None:
        """Let the next turn be of this definition; a turn under way reads its own to the end."""
        hurried = queue.interval < self.turns.queue.interval
        self.turns.queue = queue
        if hurried:
            self._stir()

    def stop(self) -> None:
        """Take no further turn; the one under way ends by itself."""
        self.is_stopping = True
        self._stir()

    def _stir(self) -> None:
        """Let the thread look up from its rest, the next one if it has none now."""
        with contextlib.suppress(RuntimeError):  # it is stirred already
            self._rest.release()

    def _work(self) -> None:
        cycle = self.turns.cycle
        due = self.turns.first(cycle.clock(), cycle.wall())
        taken = 0
        while not self.is_stopping and taken != self._cycles:
            if self._rest.acquire(timeout=max(0.0, due - cycle.clock())):
                due = min(due, self.turns.first(cycle.clock(), cycle.wall()))
                continue
            due = self.turns.turn(due)
            taken += 1


def find_phase(name: str, interval: float) -> float:
    """Where in an interval (seconds) the turns of a queue lie, as its name gives it.

    Phases are whole steps, so that of many queues some come one right after the other: then code and
    data are still in the processor's caches, which makes a cycle of a thousand queues half as dear.
    """
    step = min(STEP, interval / STEPS)
    return zlib.crc32(name.encode()) / 2**32 * interval // step * step
