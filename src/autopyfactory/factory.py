"""The factory: one line of turns per queue; starts, stops and swaps what changed in a plan."""

import logging
import threading
import time

from autopyfactory.cycle import Cycle, Queue
from autopyfactory.errors import ConfigError, Unavailable
from autopyfactory.guard import Guard, Stake
from autopyfactory.model import Report
from autopyfactory.outlet import Outlet
from autopyfactory.plan import Plan
from autopyfactory.retirement import Wish, retire
from autopyfactory.sections import Section
from autopyfactory.turns import Line, Turns

log = logging.getLogger(__name__)
PATIENCE = 120.0  # seconds that the act under way of a section that is no longer used may still take


class Factory:
    """Runs a plan, and the next one, until it is stopped.  Not for use by two threads at once."""

    def __init__(self, cycle: Cycle, cycles: int | None = None) -> None:
        self._cycle = cycle
        self._cycles = cycles  # for each queue; None: without end
        self._lines: dict[str, Line] = {}
        self._leaving: dict[str, Line] = {}  # dismissed; their last acts are remembered
        self._closing: list[Section] = []  # no longer used, not yet let go
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
        tend(plan)
        for queue in plan.queues.values():
            self._employ(queue)
        if old is not None:
            self._close_unused(old, plan)

    def reports(self) -> dict[str, Report | None]:
        """The last report of every queue; None before its first.  May be called by any thread."""
        return {name: line.turns.report for name, line in list(self._lines.items())}

    def once(self, name: str) -> Report:
        """Run one cycle of this queue now, between two of its own.  May be called by any thread."""
        return self._turns(name).take()

    def retire(self, name: str, wish: Wish) -> Report:
        """Retire pilots of this queue now, between two of its cycles.  May be called by any thread."""
        return self._turns(name).take(lambda queue, previous: retire(self._cycle, queue, previous, wish))

    @property
    def guard(self) -> Guard:
        """The guard of all queues."""
        return self._cycle.guard

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
            line.stop()
        sections = self.plan.sections() if self.plan else []
        for section in sections:
            section.close(grace * 3 / 4)
        threads = [line.thread for line in lines if line.thread is not None]
        finished = join(threads, deadline - grace / 8)
        for section in self._closing:
            section.hurry()
        for section in [*sections, *self._closing]:
            finished = section.join(max(0.0, deadline - grace / 8 - time.monotonic())) and finished
        for outlet in self._outlets.values():
            outlet.close()
        for outlet in self._outlets.values():
            outlet.join(max(0.0, deadline - time.monotonic()))
        return finished

    def _turns(self, name: str) -> Turns:
        line = self._lines.get(name)
        if line is None or line.is_stopping:
            raise ConfigError(f"no queue {name!r} runs in this factory")
        return line.turns

    def _employ(self, queue: Queue) -> None:
        """Give a queue a line, or its line the new definition; try again if it got no thread."""
        line = self._lines.get(queue.name)
        if line is None:
            before = self._leaving.pop(queue.name, None)
            turns = Turns(queue, self._cycle, self._publish, before.turns if before else None)
            line = self._lines[queue.name] = Line(turns, self._cycles)
        elif line.turns.queue != queue:
            line.swap(queue)
        try:
            line.start()
            self.failed.pop(queue.name, None)
        except Unavailable as error:
            self.failed[queue.name] = str(error)

    def _dismiss(self, name: str) -> None:
        line = self._leaving[name] = self._lines.pop(name)
        line.stop()

    def _close_unused(self, old: Plan, new: Plan) -> None:
        """Close the sections that the new plan does not use; what is gone for good is forgotten."""
        kept = {id(section) for section in new.sections()}
        self._closing = [section for section in self._closing if not section.join(0)]
        for section in old.sections():
            if id(section) not in kept:
                section.close(PATIENCE)
                self._closing.append(section)
        for target in old.targets.values():
            if target.name not in {section.name for section in new.targets.values()}:
                self._cycle.guard.fleet.drop(target.name)

    def _publish(self, report: Report) -> None:
        for outlet in list(self._outlets.values()):
            outlet.put(report)

    def _swap_monitors(self, plan: Plan) -> None:
        for name, outlet in list(self._outlets.items()):
            if plan.monitors.get(name) is not outlet.monitor:
                self._outlets.pop(name).close()
        for name, monitor in plan.monitors.items():
            try:
                self._outlets[name] = self._outlets.get(name) or Outlet(name, monitor)
            except Unavailable as error:
                log.error("monitor %s hears nothing: %s", name, error)


def limit(guard: Guard, plan: Plan) -> None:
    """Give the guard the limits of a plan."""
    settings = plan.settings.guard
    limits = {section.name: section.options.guard for section in plan.targets.values()}
    stakes = {
        queue.name: Stake(limits=queue.limits, interval=queue.interval) for queue in plan.queues.values()
    }
    guard.limit(settings, limits, stakes, fall=settings.fall, least=settings.least)


def watch(plan: Plan) -> None:
    """Tell every section which queues will ask, so that the first question is already whole."""
    for source in plan.sources.values():
        source.watch({queue.work for queue in plan.queues.values() if queue.source is source})
    for target in plan.targets.values():
        target.watch({queue.name for queue in plan.queues.values() if queue.target is target})


def tend(plan: Plan) -> None:
    """Let every credential be renewed from now on."""
    for credential in plan.credentials.values():
        try:
            credential.tend()
        except Unavailable as error:
            log.error("%s is not renewed: %s", credential.title, error)


def join(threads: list[threading.Thread], deadline: float) -> bool:
    """Wait for all against one deadline; true if all have ended."""
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    return not any(thread.is_alive() for thread in threads)
