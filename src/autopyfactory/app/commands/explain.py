"""`apf explain`: why a queue's cycle came to its number, out of the history."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

from autopyfactory.app import registry
from autopyfactory.app.commands.output import emit, say
from autopyfactory.app.past import definition_of, moment, open_history, report_at
from autopyfactory.app.relief import Relief, reliefs, rerun
from autopyfactory.app.rhythm import say_duration
from autopyfactory.errors import ConfigError
from autopyfactory.model import Report
from autopyfactory.render import Change, as_data, effective, explain, timestamp

INDENT = "      "


class Answer(NamedTuple):
    """What limits would have changed, or why nobody can tell."""

    limits: tuple[Relief, ...] = ()
    unknown: str = ""


def explain_queue(
    name: str, at: str | None, config: Path | None, state: Path | None, *, as_json: bool
) -> int:
    """Show the last cycle of a queue at a moment, and what would have made it another number."""
    with open_history(config, state) as history:
        when = moment(history, at)
        report = report_at(history, name, when)
    answer = find_limits(report)
    if as_json:
        emit({**as_data(report), "definition": definition_of(report), **as_json_of(answer)})
    else:
        ago = say_duration(max(0.0, when - report.wall))
        tell(report, answer, f"{ago} ago" if at is None else f"the last one before {timestamp(when)}")
    return 0


def find_limits(report: Report) -> Answer:
    """Which single limits, if raised, would have let more pilots through."""
    if report.seen is None or report.decision is None:
        return Answer(unknown="the cycle came to no decision")
    definition = definition_of(report)
    entries: Sequence[Mapping[str, Any]] = definition.get("policies", ())
    try:
        for entry in entries:
            registry.load("policies", str(entry.get("kind")))
        found = tuple(reliefs(entries, rerun(report, definition.get("when_unknown"))))
    except ConfigError as error:
        return Answer(unknown=f"its chain cannot be run again: {error}")
    return Answer(limits=found) if entries else Answer(unknown="nobody knows what its chain was")


def tell(report: Report, answer: Answer, which: str) -> None:
    """The cycle in words."""
    say(f"{report.queue}: cycle {report.number} of {timestamp(report.wall)}, {which}", "bold")
    meanings = meanings_of(report)
    for line in explain(report):
        say(line)
        meaning = meanings.get(line.strip().rpartition(": ")[0])
        if meaning is not None:
            say(f"{INDENT}{meaning}", "dim")
    for line in about_limits(report, answer):
        say(line)


def about_limits(report: Report, answer: Answer) -> list[str]:
    """Sentences about what would have changed the number."""
    if answer.unknown:
        return [f"which limit would change it: {answer.unknown}"]
    cuts = [change for change in trail(report) if change.rule.startswith("guard:")]
    before = "before the guard, " if cuts else ""
    lines = [f"the guard had the last word: {cut}" for cut in cuts]
    lines += [f"{before}raise {relief}" for relief in answer.limits]
    return lines or ["no single limit of its chain, raised, would let more pilots through"]


def trail(report: Report) -> list[Change]:
    """The steps that changed the count."""
    return effective(report.decision) if report.decision is not None else []


def meanings_of(report: Report) -> Mapping[str, str]:
    """What the rules that changed the count are for, by their words in the trail."""
    kinds = {change.rule: change.rule.partition("(")[0] for change in trail(report)}
    known = registry.kinds("policies")
    return {rule: summary(kind) for rule, kind in kinds.items() if kind in known}


def summary(kind: str) -> str:
    """The first sentence of a policy's documentation."""
    try:
        text = registry.load("policies", kind).__doc__ or ""
    except ConfigError:
        return ""
    return " ".join(text.strip().partition("\n\n")[0].split())


def as_json_of(answer: Answer) -> Mapping[str, Any]:
    """The same for programs."""
    return {"limits": [asdict(relief) for relief in answer.limits], "limits_unknown": answer.unknown or None}
