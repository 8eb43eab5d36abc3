"""`apf replay`: what another configuration would have decided on what was recorded."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autopyfactory.app.assembly.words import number
from autopyfactory.app.catalog.catalogs import read_whole
from autopyfactory.app.commands.bar import bar
from autopyfactory.app.commands.model_table import model_data, tell_model
from autopyfactory.app.commands.output import emit, say, table
from autopyfactory.app.engine import Engine, WrongConfig
from autopyfactory.app.past import open_history
from autopyfactory.app.replay.closed_loop import play
from autopyfactory.app.replay.record import Outcome, find_span, replay_all
from autopyfactory.app.replay.sums import Departure, Sums, Trial
from autopyfactory.fields import timestamp
from autopyfactory.history.reader import Span
from autopyfactory.plan import Plan

OPEN = (
    "recorded supply is history: it stays what it was, whatever the replayed decisions would have made of it"
)
OWN = "under what each cycle was recorded with"
COLUMNS = ("submitted", "retired", "burst", "idle h", "unmet h")
TOTAL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Which part of a record, and whether a model closes the loop."""

    since: str | None = None
    until: str | None = None
    model: bool = False


def replay(config: Path | None, state: Path | None, wish: Wish, *, as_json: bool) -> int:
    """Replay a record; without a configuration 1 if any decision differs from the recorded one."""
    plan = None if config is None else read(config)
    with open_history(config, state) as history:
        span = find_span(history, wish.since, wish.until)
        seconds = span.last - span.first
        with bar("replaying", seconds * len(history.queues()), quiet=as_json) as show:
            outcome = replay_all(history, span, plan, show)
        closed = None
        if wish.model:
            tables = None if config is None else read_whole(config)
            with bar("playing", seconds * (1 if config is None else 2), quiet=as_json) as show:
                closed = play(history, span, tables, show)
    if as_json:
        emit(as_data(outcome, span, config) | ({} if closed is None else {"model": model_data(closed)}))
    else:
        tell(outcome, span, config)
        if closed is not None:
            tell_model(closed)
    return 1 if config is None and outcome.total.differ else 0


def read(config: Path) -> Plan:
    """The plan of a configuration; `WrongConfig` names all that is wrong with it."""
    engine = Engine.build(config)
    if engine.problems:
        raise WrongConfig(engine.problems)
    return engine.plan


def as_data(outcome: Outcome, span: Span, config: Path | None) -> dict[str, Any]:
    """For programs."""
    return {
        "config": None if config is None else str(config),
        "since": timestamp(span.first),
        "until": timestamp(span.last),
        "loop": "open",
        "note": OPEN,
        "queues": {name: describe(trial) for name, trial in outcome.queues.items()},
        "total": describe(outcome.total),
        "not_configured": list(outcome.gone),
        "not_recorded": list(outcome.new),
    }


def describe(trial: Trial) -> Mapping[str, Any]:
    """One queue as data."""
    first = trial.first
    where = None if first is None else {**first._asdict(), "wall": timestamp(first.wall)}
    return {**trial.as_data(), "first": where}


def tell(outcome: Outcome, span: Span, config: Path | None) -> None:
    """Two numbers for everything, as it was and as it would be, and where decisions first differ."""
    cycles = number(outcome.total.cycles, "cycle")
    how = OWN if config is None else f"under {config}"
    say(f"{cycles} from {timestamp(span.first)} to {timestamp(span.last)}, {how}", "bold")
    say(OPEN)
    rows = [row(name, trial) for name, trial in [*outcome.queues.items(), (TOTAL, outcome.total)]]
    titles = ("queue", "cycles", *COLUMNS, "differ", "first")
    table(titles, rows, numbers=titles[1:-1])
    if config is None:
        say(agreement(outcome.total))
    if outcome.total.blind:
        say(f"{number(outcome.total.blind, 'cycle')} saw nothing: nobody can decide on them")
    for names, what in ((outcome.gone, "not in this configuration"), (outcome.new, "not recorded")):
        if names:
            say(f"{what}: {', '.join(names)}")


def agreement(total: Trial) -> str:
    """Whether today's program decides as was recorded."""
    if not total.differ:
        return "every decision is the recorded one"
    decided = total.cycles - total.blind
    return f"{total.differ} of {decided} decisions differ: a policy does not do today what it did then"


def row(name: str, trial: Trial) -> tuple[str, ...]:
    """One queue."""
    pairs = zip(numbers(trial.recorded), numbers(trial.replayed), strict=True)
    cells = (before if before == after else f"{before} -> {after}" for before, after in pairs)
    return (name, str(trial.cycles), *cells, str(trial.differ), words(trial.first))


def numbers(sums: Sums) -> tuple[str, ...]:
    """In the order of the columns."""
    return (
        str(sums.submitted), str(sums.retired), str(sums.burst), f"{sums.idle:.1f}", f"{sums.unmet:.1f}",
    )  # fmt: skip


def words(first: Departure | None) -> str:
    """Where decisions first differ."""
    if first is None:
        return ""
    before, after = ("none" if count is None else str(count) for count in (first.recorded, first.replayed))
    return f"{timestamp(first.wall)}: {before} -> {after}"
