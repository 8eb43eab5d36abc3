"""What runs: the configuration that a new one would take the place of."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autopyfactory.app.catalog.catalogs import read_whole
from autopyfactory.app.control import ask, runs
from autopyfactory.app.past import reports_at
from autopyfactory.app.restored import restore
from autopyfactory.app.whereabouts import locate
from autopyfactory.errors import ConfigError
from autopyfactory.fields import timestamp
from autopyfactory.history.database import FILE
from autopyfactory.history.reader import History


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A configuration, and where it is from; whether [factory] is known of it."""

    origin: str
    tables: Mapping[str, Any]
    is_whole: bool = True


def find_running(config: Path, given: Path | None, state: Path | None, tables: Mapping[str, Any]) -> Running:
    """What was given; else what the daemon of `config` runs, or what its history says that it last ran.

    `tables` are the new configuration: what nobody remembers is taken from there.  `ConfigError` where
    none of it is there.
    """
    if given is not None:
        return Running(origin=str(given), tables=read_whole(given))
    folder = state or locate(config)
    if runs(folder):
        answer = ask(folder, {"ask": "definitions"})
        loaded = restore(answer["definitions"], answer["factory"], tables)
        return Running(origin="what the running daemon has loaded", tables=loaded)
    if (folder / FILE).is_file():
        return recall(folder / FILE, tables)
    raise ConfigError(
        f"no daemon runs at {folder}, and there is no history of one: name what runs, --running OLD"
    )


def recall(path: Path, tables: Mapping[str, Any]) -> Running:
    """The definitions of the last cycles of a history."""
    with History(path) as history:
        span = history.span()
        if span is None:
            raise ConfigError(f"history {path}: no cycle has ended yet; name what runs, --running OLD")
        reports, _ = reports_at(history, span.last)
    definitions = {report.queue: report.definition for report in reports}
    origin = f"what the last cycles in the history ran under, up to {timestamp(span.last)}"
    loaded = restore(definitions, tables.get("factory", {}), tables)
    return Running(origin=origin, tables=loaded, is_whole=False)
