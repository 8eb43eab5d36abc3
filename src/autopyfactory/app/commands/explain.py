"""`apf explain`: why a queue's cycle came to its number, out of the history."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

from autopyfactory.app import registry
from autopyfactory.app.assembly.chain import make_chain
from autopyfactory.app.commands.output import emit, say
from autopyfactory.app.guard_relief import emptied, guard_reliefs
from autopyfactory.app.holders import Entries, holders
from autopyfactory.app.past import definition_of, moment, open_history, report_at
from autopyfactory.app.relief import Relief, Rerun, Untried, behind, reliefs, rerun
from autopyfactory.app.rhythm import say_duration
from autopyfactory.cut import remainder
from autopyfactory.errors import ConfigError
from autopyfactory.fields import timestamp
from autopyfactory.model import Report
from autopyfactory.render import Change, as_data, effective, explain
from autopyfactory.retirement import ASKED
from autopyfactory.view import GuardView

INDENT = "      "
GUARD = "guard: "  # how the steps of the guard begin
EMPTY = "left nothing, and what a higher one would have left nobody can tell"


class Answer(NamedTuple):
    """What limits would have changed, and what nobody can tell."""

    limits: tuple[Relief, ...] = ()
    untried: tuple[Untried, ...] = ()
    unknown: str = ""
    holders: tuple[str, ...] = ()  # where several limits hold the number, each by itself


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
    """Which single limits, of the chain or of the guard, would have changed the number, if raised."""
    seen, decision = report.seen, report.decision
    if seen is None or decision is None:
        return Answer(unknown="the cycle came to no decision")
    if decision.steps and decision.steps[0].rule == ASKED:
        return Answer(unknown="an operator asked for it, and limits were not")
    definition = definition_of(report)
    entries: Entries = definition.get("policies", ())
    if not entries:
        return Answer(unknown="nobody knows what its chain was")
    view = report.guard or GuardView()
    try:
        for entry in entries:
            registry.load("policies", str(entry.get("kind")))
        count_with = rerun(report, definition.get("when_unknown"))
        count = count_with(make_chain(entries, {})[0])
        tried = (*reliefs(entries, behind(view, count_with)), *guard_reliefs(count, view))
    except ConfigError as error:
        return Answer(unknown=f"its chain cannot be run again: {error}")
    if remainder(count, view) != decision.count:
        return Answer(unknown=f"run again, its chain comes to {remainder(count, view)} today")
    found = tuple(one for one in tried if isinstance(one, Relief))
    return Answer(
        limits=found,
        untried=tuple(one for one in tried if isinstance(one, Untried)),
        unknown=", ".join(f"{rate} {EMPTY}" for rate in emptied(count, view)),
        holders=find_holders(entries, count_with, view, decision.count) if count >= 0 and not found else (),
    )


def find_holders(entries: Entries, count_with: Rerun, view: GuardView, number: int) -> tuple[str, ...]:
    """The limits that hold a number each by itself, if they are several and can be tried."""
    try:
        several = holders(entries, count_with, view, number)
    except ConfigError:
        return ()
    return tuple(several) if len(several) > 1 else ()


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
    lines = [f"raise {relief}" for relief in answer.limits] + list(map(str, answer.untried))
    if answer.holders:
        lines.append(f"each of these alone holds it at {decided(report)}: {', '.join(answer.holders)}")
    if answer.unknown:
        lines.append(f"which limit would change it: {answer.unknown}")
    return lines or [f"no single limit, raised, would change it{last_word(report)}"]


def decided(report: Report) -> int:
    """What the cycle came to."""
    return 0 if report.decision is None else report.decision.count


def last_word(report: Report) -> str:
    """What of the guard made the number, as far as no limit did."""
    rule = next((change.rule for change in reversed(trail(report))), "")
    return f"; the guard had the last word: {rule.removeprefix(GUARD)}" if rule.startswith(GUARD) else ""


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
    limits = [asdict(relief) for relief in answer.limits]
    untried = [asdict(one) for one in answer.untried]
    holding = {"limits_unknown": answer.unknown or None, "holders": list(answer.holders)}
    return {"limits": limits, "limits_untried": untried, **holding}
