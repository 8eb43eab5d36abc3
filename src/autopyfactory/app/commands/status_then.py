"""`apf status --at`: all queues as they were at a moment, out of the history."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from autopyfactory.app.commands.output import emit, say, table
from autopyfactory.app.commands.status_table import columns, row, some, sort
from autopyfactory.app.past import moment, open_history, reports_at
from autopyfactory.app.rhythm import say_duration
from autopyfactory.app.status import absent, state_of
from autopyfactory.fields import timestamp
from autopyfactory.model import Report
from autopyfactory.render import as_data


def show_status_then(at: str, config: Path | None, state: Path | None, *, as_json: bool) -> int:
    """Show the last cycle that every queue had begun by then, those in trouble first."""
    with open_history(config, state) as history:
        when = moment(history, at)
        reports, silent = reports_at(history, when)
    queues = sort([as_queue(report, when) for report in reports])
    if as_json:
        emit({"at": timestamp(when), "queues": queues, "silent": silent})
    else:
        tell(queues, silent, when)
    return 0


def as_queue(report: Report, when: float) -> dict[str, Any]:
    """A queue as `status` tells it; what only the running daemon knows is left out."""
    about = {"source": report.source, "target": report.target, "report": as_data(report)}
    return {**absent(report.queue, state_of(report, "")), **about, "age": round(when - report.wall, 3)}


def tell(queues: list[dict[str, Any]], silent: list[str], when: float) -> None:
    """A line for each queue."""
    say(f"as of {timestamp(when)}", "bold")
    numbers, odd = columns(queues)
    rows = []
    for queue in queues:
        name, state, *rest = row(queue, odd, datetime.fromtimestamp(when, UTC))
        rows.append((name, state, say_duration(queue["age"]), *rest))
    if rows:
        table(("queue", "state", "before", *numbers, "last cycle"), rows, numbers=("before", *numbers))
    if silent:
        say(f"without a cycle for long: {some(silent)}")
