"""Monitor `board`: a live table of all queues on the terminal; without a terminal it draws nothing."""

import sys
from collections.abc import Iterable
from typing import ClassVar

from rich.console import Console
from rich.live import Live
from rich.table import Table

from autopyfactory.model import Place, Report
from autopyfactory.options import Options
from autopyfactory.render import verdict

A_SECOND = 4  # drawings


class BoardMonitor:
    """Keeps the last report of every queue and shows them, the ones in trouble first."""

    options: ClassVar[type[Options]] = Options

    def __init__(self, options: Options, place: Place) -> None:  # noqa: ARG002  # every plug-in is made so
        self._reports: dict[str, Report] = {}
        self._live: Live | None = None

    def record(self, report: Report) -> None:
        """Take the report up; the first one begins the drawing, if there is a terminal."""
        self._reports[report.queue] = report
        if self._live is None and sys.stdout.isatty():
            self._live = Live(
                console=Console(file=sys.stdout), get_renderable=self.table, refresh_per_second=A_SECOND
            )
            self._live.start()

    def table(self) -> Table:
        """All queues as they were last reported."""
        return draw(list(self._reports.values()))

    def close(self) -> None:
        """Leave the last drawing on the terminal."""
        if self._live is not None:
            self._live.stop()
            self._live = None


def draw(reports: Iterable[Report]) -> Table:
    """A table with a row for each report."""
    table = Table(box=None, pad_edge=False)
    table.add_column("queue", no_wrap=True)
    for title in ("cycle", "ready", "pending", "running"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("last cycle", overflow="ellipsis", no_wrap=True)
    for report in sorted(reports, key=lambda report: (report.error is None, report.queue)):
        table.add_row(*cells(report), style="red" if report.error is not None else None)
    return table


def cells(report: Report) -> tuple[str, ...]:
    """One row; what was not seen stays empty, and an unknown demand is a question mark."""
    seen = report.seen
    if seen is None:
        return (report.queue, str(report.number), "", "", "", verdict(report))
    ready = str(seen.demand.ready) if seen.demand.as_of else "?"
    return (
        report.queue,
        str(report.number),
        ready,
        str(seen.supply.pending),
        str(seen.supply.running),
        verdict(report),
    )
