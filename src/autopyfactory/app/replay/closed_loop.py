"""The closed loop: two configurations in one world that is fitted to a record."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from autopyfactory.app.past import reports_at
from autopyfactory.app.replay.fit import Fit
from autopyfactory.app.replay.trace import read
from autopyfactory.app.restored import restore
from autopyfactory.app.simulation.play import Result
from autopyfactory.app.simulation.scenario import UNNAMED, put_on
from autopyfactory.clock import VirtualClock
from autopyfactory.errors import ConfigError
from autopyfactory.history.reader import History, Span

Show = Callable[[float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """What the model comes to as it was configured in the end, and under the new configuration, if any."""

    before: Result
    after: Result | None


def play(history: History, span: Span, tables: Mapping[str, Any] | None, show: Show) -> Closed:
    """Fit a world to a part of the record and play it; `show` hears how many seconds are over, of all.

    `ConfigError` where the record does not tell enough.
    """
    definitions = last_definitions(history, span)
    fit = Fit(
        first=span.first,
        traces={name: read(history, name, span) for name in history.queues()},
        places={name: place_of(text) for name, text in definitions.items()},
    )
    beside = tables or {}
    before = restore(definitions, beside.get("factory", UNNAMED), beside)
    seconds = max(1.0, span.last - span.first)
    run = partial(play_one, fit, seconds)
    return Closed(
        before=run(before, show),
        after=None if tables is None else run(tables, lambda done: show(seconds + done)),
    )


def play_one(fit: Fit, seconds: float, tables: Mapping[str, Any], show: Show) -> Result:
    """One configuration in the fitted world, from the first moment of the record on."""
    return put_on(tables, VirtualClock(fit.first), fit.nature).run(seconds, show=show)


def last_definitions(history: History, span: Span) -> dict[str, str]:
    """As what every queue was configured at the end."""
    reports, _ = reports_at(history, span.last)
    if not reports:
        raise ConfigError("no queue had a cycle at the end of this time: there is nothing to play")
    return {report.queue: report.definition for report in reports}


def place_of(definition: str) -> str:
    """The target of a queue, whatever is wrapped around it; empty where nobody knows."""
    try:
        target = json.loads(definition)["target"]
    except (ValueError, KeyError):
        return ""
    while "inner" in target:
        target = target["inner"]
    return str(target["name"])
