"""A record: the part of a history that is replayed, and what a replay of all its queues comes to."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, partial

from autopyfactory.app.assembly.words import missed
from autopyfactory.app.moments import parse_moment
from autopyfactory.app.past import words_of
from autopyfactory.app.replay.open_loop import Show, replay
from autopyfactory.app.replay.ruling import Ruling
from autopyfactory.app.replay.sums import Trial
from autopyfactory.errors import ConfigError
from autopyfactory.garbage import uncollected
from autopyfactory.history.reader import History, Span
from autopyfactory.plan import Plan

WEEK = 7 * 86400.0  # seconds that are replayed where nobody says since when


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a replay comes to."""

    queues: Mapping[str, Trial]
    gone: tuple[str, ...] = ()  # recorded, and not in the configuration
    new: tuple[str, ...] = ()  # in the configuration, and not recorded
    total: Trial = field(default_factory=Trial.new)


def find_span(history: History, since: str | None, until: str | None) -> Span:
    """The part of the record that is meant; `ConfigError` where there is nothing of it."""
    now, record = time.time(), history.span()
    if record is None:
        raise ConfigError(f"history {history.path}: no cycle has ended yet")
    last = record.last if until is None else parse_moment(until, now)
    first = last - WEEK if since is None else parse_moment(since, now)
    span = Span(max(first, record.first), min(last, record.last))
    if span.first > span.last:
        asked = words_of(Span(first, last))
        raise ConfigError(f"nothing is known {asked}: the history goes {words_of(record)}")
    return span


def replay_all(history: History, span: Span, plan: Plan | None, show: Show) -> Outcome:
    """Every queue of the record: as `plan` has it, or, without one, under what it was recorded with."""
    recorded = history.queues()
    there = [name for name in recorded if plan is None or name in plan.queues]
    if not there:
        first = recorded[0] if recorded else ""
        known = missed(first, plan.queues) if plan else ""
        raise ConfigError(f"no recorded queue is in this configuration; recorded is '{first}'; {known}")
    trials, total = {}, Trial.new()
    length = span.last - span.first
    with uncollected():
        for number, name in enumerate(there):
            trial = replay(history, name, span, rules(name, plan), partial(shift, show, number * length))
            if trial.cycles:
                trials[name] = trial
                total.add(trial)
    return Outcome(
        queues=trials,
        total=total,
        gone=tuple(name for name in recorded if plan is not None and name not in plan.queues),
        new=tuple(name for name in sorted(plan.queues if plan else ()) if name not in trials),
    )


def shift(show: Show, start: float, done: float) -> None:
    """Show what is done of one queue beside the queues before it."""
    show(start + done)


def rules(name: str, plan: Plan | None) -> Callable[[str], Ruling]:
    """By what a queue is decided, whatever it was recorded with, or by that."""
    if plan is not None:
        ruling = Ruling.of_queue(plan.queues[name], plan)
        return lambda _: ruling

    @cache
    def own(definition: str) -> Ruling:
        try:
            return Ruling.of_definition(definition)
        except ConfigError as error:
            raise ConfigError(f"queue '{name}': {error}; name a configuration, --config") from error

    return own
