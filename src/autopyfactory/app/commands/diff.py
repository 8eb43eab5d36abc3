"""`apf diff`: what became of every queue from one moment to another."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from autopyfactory.app.alteration import Change, compare
from autopyfactory.app.assembly.words import number
from autopyfactory.app.commands.history import counts
from autopyfactory.app.commands.output import emit, say, table
from autopyfactory.app.past import definition_of, moment, open_history, reports_at
from autopyfactory.errors import ConfigError
from autopyfactory.fields import timestamp
from autopyfactory.history.reader import History, Span

LEVELS = ("ready", "pending", "running")
SUMS = ("submitted", "retired", "failed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One queue at two moments, and what was done between them."""

    queue: str
    before: Mapping[str, int | None] | None  # None: it was not there
    after: Mapping[str, int | None] | None
    done: Mapping[str, int]
    settings: tuple[Change, ...] = ()

    @property
    def weight(self) -> int:
        """How much there is to say of it."""
        moved = sum(abs(level(self.after, name) - level(self.before, name)) for name in LEVELS)
        return moved + sum(self.done.values()) + 1000 * len(self.settings)


def show_differences(
    start: str, end: str | None, config: Path | None, state: Path | None, *, as_json: bool
) -> int:
    """Show the queues that differ, those with the most to say first."""
    with open_history(config, state) as history:
        span = Span(moment(history, start), moment(history, end))
        if span.first >= span.last:
            raise ConfigError(f"--from {timestamp(span.first)} is not before --to {timestamp(span.last)}")
        found = sorted(differences(history, span), key=lambda one: (-one.weight, one.queue))
    if as_json:
        emit(
            {
                "from": timestamp(span.first),
                "to": timestamp(span.last),
                "queues": [as_data(one) for one in found],
            }
        )
    else:
        tell(found, span)
    return 0


def differences(history: History, span: Span) -> Iterator[Difference]:
    """Every queue that was there at one of the two moments."""
    before = {report.queue: report for report in reports_at(history, span.first)[0]}
    after = {report.queue: report for report in reports_at(history, span.last)[0]}
    for queue in sorted(before.keys() | after.keys()):
        old, new = before.get(queue), after.get(queue)
        yield Difference(
            queue=queue,
            before=None if old is None else counts(old),
            after=None if new is None else counts(new),
            done=done_between(history, queue, span),
            settings=tuple(compare(definition_of(old), definition_of(new))) if old and new else (),
        )


def done_between(history: History, queue: str, span: Span) -> Mapping[str, int]:
    """Pilots submitted and retired, and cycles failed, after the first moment up to the second."""
    done = dict.fromkeys(SUMS, 0)
    for block in history.blocks(queue, span):
        columns = (block.values(name) for name in ("wall", "outcome", "error"))
        for wall, outcome, error in zip(*columns, strict=True):
            if span.first < wall <= span.last:
                done["failed"] += error is not None
                done["submitted"] += len(outcome.submitted) if outcome else 0
                done["retired"] += len(outcome.retired) if outcome else 0
    return done


def level(numbers: Mapping[str, int | None] | None, name: str) -> int:
    """A count, 0 where it is not known."""
    return (numbers or {}).get(name) or 0


def tell(found: list[Difference], span: Span) -> None:
    """A table of all that changed, and the settings under it."""
    changed = [one for one in found if one.weight or one.before is None or one.after is None]
    say(
        f"from {timestamp(span.first)} to {timestamp(span.last)}: {number(len(changed), 'queue')} changed",
        "bold",
    )
    titles = ("queue", *LEVELS, *SUMS, "")
    if changed:
        table(titles, [row(one) for one in changed], numbers=(*LEVELS, *SUMS))
    for one in changed:
        for change in one.settings:
            say(f"{one.queue}: {change}")


def row(one: Difference) -> tuple[str, ...]:
    """One queue."""
    levels = (f"{show(one.before, name)} -> {show(one.after, name)}" for name in LEVELS)
    sums = (str(one.done[name]) for name in SUMS)
    came = "new" if one.before is None else "gone" if one.after is None else ""
    return (one.queue, *levels, *sums, came)


def show(numbers: Mapping[str, int | None] | None, name: str) -> str:
    """A count, '?' where it is not known, '-' where there was no queue."""
    value = numbers.get(name) if numbers is not None else "-"
    return "?" if value is None else str(value)


def as_data(one: Difference) -> Mapping[str, Any]:
    """The same for programs."""
    return {**asdict(one), "settings": [change._asdict() for change in one.settings]}
