"""`apf history`: the cycles of a queue over some time, as a small plot and a table."""

import shutil
import time
from collections.abc import Sequence
from pathlib import Path

from autopyfactory.app.assembly.words import number
from autopyfactory.app.commands.output import emit_rows, say, table
from autopyfactory.app.commands.sparks import Point, extent, spark
from autopyfactory.app.moments import parse_moment
from autopyfactory.app.past import moment, open_history, report_at, words_of
from autopyfactory.errors import ConfigError
from autopyfactory.fields import timestamp
from autopyfactory.history.reader import Span
from autopyfactory.model import Report
from autopyfactory.render import as_data, verdict

COUNTS = ("ready", "pending", "running", "submitted", "retired")
TITLE = 10  # columns for the name of a curve
NARROW, WIDE = 20, 100  # columns of a plot
MARGIN = 30  # columns beside it


def show_history(
    name: str, since: str, rows: int, config: Path | None, state: Path | None, *, as_json: bool
) -> int:
    """Show the cycles that began since a moment, the newest last."""
    with open_history(config, state) as history:
        report_at(history, name, moment(history, None))  # or say what is wrong with the name
        span = Span(parse_moment(since, time.time()), time.time())
        reports = history.reports(name, span)
        if as_json:
            emit_rows(map(as_data, reports))
            return 0
        found = list(reports)
        record = history.span()
    if not found:
        there = f"; the history goes {words_of(record)}" if record else ""
        raise ConfigError(f"{name} had no cycle since {timestamp(span.first)}{there}")
    tell(found, rows)
    return 0


def tell(reports: Sequence[Report], rows: int) -> None:
    """A curve for each count, and the newest cycles one by one."""
    first, last = reports[0], reports[-1]
    cycles = number(len(reports), "cycle")
    say(f"{last.queue}: {cycles} from {timestamp(first.wall)} to {timestamp(last.wall)}", "bold")
    room = max(NARROW, min(WIDE, shutil.get_terminal_size().columns - MARGIN))
    width = min(room, len(reports))
    for count in COUNTS:
        points = curve(reports, count)
        line = spark(points, first.wall, last.wall, width)
        say(f"{count:<{TITLE}}{line}  {extent(points)}")
    say("")
    if len(reports) > rows:
        say(f"the newest {rows}; --rows shows more, --json all")
    table(("began", *COUNTS, "what came of it"), [row(report) for report in reports[-rows:]], numbers=COUNTS)


def curve(reports: Sequence[Report], count: str) -> list[Point]:
    """A count over time, where it is known."""
    numbers = [(report.wall, counts(report)[count]) for report in reports]
    return [(when, value) for when, value in numbers if value is not None]


def counts(report: Report) -> dict[str, int | None]:
    """The counts of one cycle; None for what was not seen or not done."""
    found: dict[str, int | None] = dict.fromkeys(COUNTS)
    if report.seen is not None:
        demand, supply = report.seen.demand, report.seen.supply
        found |= {"pending": supply.pending, "running": supply.running}
        found["ready"] = demand.ready if demand.as_of else None
    if report.outcome is not None:
        found |= {"submitted": len(report.outcome.submitted), "retired": len(report.outcome.retired)}
    return found


def row(report: Report) -> tuple[str, ...]:
    """One cycle."""
    numbers = ("" if value is None else str(value) for value in counts(report).values())
    return (timestamp(report.wall), *numbers, verdict(report))
