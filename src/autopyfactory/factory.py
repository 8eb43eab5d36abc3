"""The factory: one thread per queue; starts, stops and swaps what changed in a plan."""

import threading
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from autopyfactory.cycle import Cycle, Queue
from autopyfactory.errors import ConfigError, Unavailable
from autopyfactory.guard import Guard
from autopyfactory.model import Report
from autopyfactory.outlet import Outlet
from autopyfactory.plan import Plan
from autopyfactory.worker import start_thread

PATIENCE = 120.0  # seconds that the act under way of a section that is no longer used may still take


class Turns:
    """All turns of one queue: a fold over its reports."""

    def __init__(self, queue: Queue, cycle: Cycle, publish: Callable[[Report], None]) -> None:
        self.queue = queue
        self.report: Report | None = None
        self._cycle = cycle
        self._publish = publish
        self._turning = threading.Lock()  # two turns never overlap, whoever asks for them
        self._followed = False

    def first(self, now: float, wall: float) -> float:
        """When the first turn is due: a phase of the wall clock that the name gives, within an interval."""
        interval = self.queue.interval
        phase = zlib.crc32(self.queue.name.encode()) / 2**32 * interval
        return now + (phase - wall) % interval

    def turn(self, due: float) -> float:
        """Run the cycle that is due and say when the next one is; missed turns are not made up."""
        self.take()
        interval = self.queue.interval
        missed = (self._cycle.clock() - due) // interval
        return due + (max(0.0, missed) + 1) * interval

    def take(self) -> Report:
        """Run one cycle now, after the one that may be running."""
        with self._turning:
            if self._followed:
                raise Unavailable(f"queue {self.queue.name} was just replaced", untouched=True)
            self.report = self._cycle.run(self.queue, self.report)
            self._publish(self.report)
            return self.report

    def follow(self, before: "Turns") -> None:
        """Go on where another fold of the same queue ended, once its last turn is over."""
        with before._turning:
            before._followed = True
            self.report = before.report


@dataclass(slots=True)
class Line:
    """A queue at work: its turns, the thread that calls them, and how to stop it."""

    turns: Turns
    stopping: threading.Event
    thread: threading.Thread | None = None


class Factory:
    """Runs a plan, and the next one, until it is stopped.  Not for use by two threads at once."""

    def __init__(self, cycle: Cycle, cycles: int | None = None) -> None:
        self._cycle = cycle
        self._cycles = cycles  # for each queue; None: without end
        self._lines: dict[str, Line] = {}
        self._leaving: dict[str, Line] = {}  # dismissed; their last acts are remembered
        self._outlets: dict[str, Outlet] = {}
        self.plan: Plan | None = None
        self.failed: dict[str, str] = {}  # queues that got no thread, and why

    def apply(self, plan: Plan) -> None:
        """Start, stop or swap what differs from the plan that runs; equal queues go on untouched."""
        limit(self._cycle.guard, plan)
        self._swap_monitors(plan)
        old, self.plan = self.plan, plan
        for name in list(self._lines):
            if name not in plan.queues:
                self._dismiss(name)
        watch(plan)
        for queue in plan.queues.values():
            self._employ(queue)
        if old is not None:
            close_unused(old, plan)

    def reports(self) -> dict[str, Report | None]:
        """The last report of every queue; None before its first.  May be called by any thread."""
        return {name: line.turns.report for name, line in list(self._lines.items())}

    def once(self, name: str) -> Report:
        """Run one cycle of this queue now, between two of its own.  May be called by any thread."""
        line = self._lines.get(name)
        if line is None or line.stopping.is_set():
            raise ConfigError(f"no queue {name!r} runs in this factory")
        return line.turns.take()

    def monitors(self) -> dict[str, Outlet]:
        """The monitors, with what they dropped and failed."""
        return dict(self._outlets)

    def finished(self) -> bool:
        """Whether no queue will have another turn."""
        return not any(line.thread and line.thread.is_alive() for line in self._lines.values())

    def stop(self, grace: float) -> bool:
        """End all within `grace` seconds; true if nothing had to be left behind.

        Every queue is told first, and all who wait for an answer are let go; acts under way may end
        until a quarter of the time is left.  Then the plug-ins close and the monitors deliver.
        """
        deadline = time.monotonic() + grace
        lines = [*self._lines.values(), *self._leaving.values()]
        for line in lines:
            line.stopping.set()
        sections = self.plan.sections() if self.plan else []
        for section in sections:
            section.close(grace * 3 / 4)
        threads = [line.thread for line in lines if line.thread is not None]
        finished = join(threads, deadline - grace / 8)
        for section in sections:
            finished = section.join(max(0.0, deadline - grace / 8 - time.monotonic())) and finished
        for outlet in self._outlets.values():
            outlet.close()
        for outlet in self._outlets.values():
            outlet.join(max(0.0, deadline - time.monotonic()))
        return finished

    def _employ(self, queue: Queue) -> None:
        """Give a queue its thread, or the next turn of the thread that it has."""
        line = self._lines.get(queue.name)
        if line is not None:
            line.turns.queue = queue  # taken up between two cycles: a turn reads it once
            return
        line = Line(Turns(queue, self._cycle, self._publish), threading.Event())
        before = self._leaving.pop(queue.name, None)
        self._lines[queue.name] = line
        try:
            line.thread = start_thread(f"queue {queue.name}", lambda: self._work(line, before))
            self.failed.pop(queue.name, None)
        except Unavailable as error:
            self.failed[queue.name] = str(error)

    def _dismiss(self, name: str) -> None:
        line = self._leaving[name] = self._lines.pop(name)
        line.stopping.set()

    def _work(self, line: Line, before: Line | None) -> None:
        if before is not None and before.thread is not None:  # it left and came back: never twice at once
            before.thread.join()
            line.turns.follow(before.turns)
        due = line.turns.first(self._cycle.clock(), self._cycle.wall())
        cycles = 0
        while not line.stopping.wait(max(0.0, due - self._cycle.clock())):
            due = line.turns.turn(due)
            cycles += 1
            if cycles == self._cycles:
                return

    def _publish(self, report: Report) -> None:
        for outlet in list(self._outlets.values()):
            outlet.put(report)

    def _swap_monitors(self, plan: Plan) -> None:
        for name, outlet in list(self._outlets.items()):
            if plan.monitors.get(name) is not outlet.monitor:
                self._outlets.pop(name).close()
        for name, monitor in plan.monitors.items():
            if name not in self._outlets:
                self._outlets[name] = Outlet(name, monitor)


def limit(guard: Guard, plan: Plan) -> None:
    """Give the guard the limits of a plan."""
    settings = plan.settings.guard
    limits = {section.name: section.options.guard for section in plan.targets.values()}
    guard.limit(settings, limits, fall=settings.fall, least=settings.least)


def watch(plan: Plan) -> None:
    """Tell every section which queues will ask, so that the first question is already whole."""
    for source in plan.sources.values():
        source.watch({queue.work for queue in plan.queues.values() if queue.source is source})
    for target in plan.targets.values():
        target.watch({queue.name for queue in plan.queues.values() if queue.target is target})


def close_unused(old: Plan, new: Plan) -> None:
    """Close the sections that the new plan does not use any more."""
    kept = {id(section) for section in new.sections()}
    for section in old.sections():
        if id(section) not in kept:
            section.close(PATIENCE)


def join(threads: list[threading.Thread], deadline: float) -> bool:
    """Wait for all against one deadline; true if all have ended."""
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    return not any(thread.is_alive() for thread in threads)
