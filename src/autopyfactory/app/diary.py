"""The diary of a command that acts where no daemon runs: its cycle stands in the history like all others."""

from autopyfactory.app.commands.output import trouble
from autopyfactory.errors import Unavailable
from autopyfactory.model import Report
from autopyfactory.monitors.history import HistoryMonitor
from autopyfactory.plan import Plan


def note(plan: Plan, report: Report) -> None:
    """Write a report into the history, where the plan keeps one.  That it failed is said, and no more.

    For who holds the factory's lock, so that no daemon writes.
    """
    for monitor in plan.monitors.values():
        if isinstance(monitor, HistoryMonitor):
            try:
                monitor.record(report)
                monitor.close()
            except Unavailable as error:
                trouble(str(error))
