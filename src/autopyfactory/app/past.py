"""The past: the history of a factory, and what commands ask of it."""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autopyfactory.app.assembly.words import missed
from autopyfactory.app.moments import parse_moment
from autopyfactory.app.state import default_folder
from autopyfactory.app.whereabouts import locate
from autopyfactory.errors import ConfigError
from autopyfactory.fields import timestamp
from autopyfactory.history.database import FILE
from autopyfactory.history.reader import History, Span
from autopyfactory.model import Report
from autopyfactory.options import parse_duration

QUIET = 3  # intervals after which a queue without a cycle is taken for gone


def find_history(config: Path | None, state: Path | None) -> Path:
    """The file of a history; without a word of it, the only one below the home of state folders."""
    if state is not None or config is not None:
        return (state or locate(Path(config or ""))) / FILE
    home = default_folder("x").parent
    found = sorted(home.glob(f"*/{FILE}"))
    if len(found) == 1:
        return found[0]
    names = ", ".join(path.parent.name for path in found)
    raise ConfigError(
        f"{'several histories' if found else 'no history'} under {home}{': ' if names else ''}{names};"
        " name a CONFIG, or --state FOLDER"
    )


def open_history(config: Path | None, state: Path | None) -> History:
    """The history that is meant; a context manager."""
    return History(find_history(config, state))


def moment(history: History, text: str | None) -> float:
    """A moment within the record, now without a word; `ConfigError` says what the record spans."""
    now = time.time()
    asked = now if text is None else parse_moment(text, now)
    span = history.span()
    if span is None:
        raise ConfigError(f"history {history.path}: no cycle has ended yet")
    if not span.first <= asked <= max(now, span.last):
        raise ConfigError(f"nothing is known of {timestamp(asked)}: the history goes {words_of(span)}")
    return asked


def words_of(span: Span) -> str:
    """From when to when."""
    return f"from {timestamp(span.first)} to {timestamp(span.last)}"


def report_at(history: History, queue: str, when: float) -> Report:
    """The last cycle of a queue at that moment; `ConfigError` where there is none."""
    report = history.last(queue, when)
    if report is not None:
        return report
    known = history.queues()
    if queue not in known:
        raise ConfigError(f"no queue '{queue}' in the history; {missed(queue, known)}")
    first = next(history.reports(queue))
    raise ConfigError(
        f"nothing is known of {queue} at {timestamp(when)}: its first cycle was {timestamp(first.wall)}"
    )


def reports_at(history: History, when: float) -> tuple[list[Report], list[str]]:
    """The last cycle of every queue at that moment, and the queues that had none for long."""
    there: list[Report] = []
    silent: list[str] = []
    for queue in history.queues():
        report = history.last(queue, when)
        if report is None or when - report.wall > QUIET * interval_of(report):
            silent.append(queue)
        else:
            there.append(report)
    return there, silent


def definition_of(report: Report) -> Mapping[str, Any]:
    """As what its queue was configured; empty where nobody knows."""
    return parse(report.definition)


def parse(definition: str) -> Mapping[str, Any]:
    """A definition as a table; empty where it is none."""
    try:
        found = json.loads(definition)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def interval_of(report: Report) -> float:
    """Seconds between the cycles of its queue."""
    return interval_in(report.definition)


def interval_in(definition: str) -> float:
    """Seconds between the cycles of a queue so defined."""
    seconds: float = parse_duration(parse(definition).get("interval", "6m")).total_seconds()
    return seconds
