"""A report in words and as plain data: what a cycle saw, how it decided, what it did, and why not more."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any, NamedTuple

from autopyfactory.fields import timestamp
from autopyfactory.model import Decision, Demand, Observation, Report, Supply
from autopyfactory.rule import words
from autopyfactory.shared import say

SHOWN_IDENTIFIERS = 5
BULKY = {"as_of", "clock", "starts", "ended"}  # of no use to a reader of one cycle


class Change(NamedTuple):
    """One step of a trail in words."""

    rule: str
    before: int
    after: int

    def __str__(self) -> str:
        if self.before == self.after:
            return f"{self.rule}: stays {self.after}"
        return f"{self.rule}: {self.before} -> {self.after}"


def changes(decision: Decision) -> Iterator[Change]:
    """The trail of a decision, beginning with 0."""
    return (Change(words(rule), before, after) for rule, before, after in moves(decision))


def effective(decision: Decision) -> list[Change]:
    """The steps that changed the count; the others are not put into words."""
    found = (move for move in moves(decision) if move[1] != move[2])
    return [Change(words(rule), before, after) for rule, before, after in found]


def moves(decision: Decision) -> Iterator[tuple[object, int, int]]:
    """Each step with the count before and after it."""
    before = 0
    for rule, after in decision.steps:
        yield rule, before, after
        before = after


def verdict(report: Report) -> str:
    """What became of the cycle, in one line: 'submitted 4', 'nothing: ...', 'failed: ...'."""
    outcome, decision = report.outcome, report.decision
    if report.error is not None and (outcome is None or decision is None or decision.count == 0):
        return f"failed: {say(report.error)}"
    if outcome is None or decision is None:
        return "only looked" if decision is None else f"would {intent(decision, report.seen)}"
    if decision.count == 0:
        return f"nothing: {reason(decision, report.seen)}"
    return acted(report, decision.count)


def headline(report: Report) -> str:
    """The verdict, and in brackets the steps that changed the count."""
    steps = ", ".join(map(str, effective(report.decision))) if report.decision is not None else ""
    return f"{verdict(report)} ({steps})" if steps else verdict(report)


def intent(decision: Decision, seen: Observation | None) -> str:
    """What a decision asks for."""
    if decision.count == 0:
        return f"do nothing: {reason(decision, seen)}"
    return f"submit {decision.count}" if decision.count > 0 else f"retire {-decision.count}"


def acted(report: Report, wanted: int) -> str:
    """What came of an act, with what is missing."""
    outcome = report.outcome
    assert outcome is not None
    done = len(outcome.submitted) + len(outcome.retired)
    words = f"{'submitted' if wanted > 0 else 'retired'} {done}"
    if done < abs(wanted):
        words += f" of {abs(wanted)}"
    if outcome.uncertain:
        words += f", {outcome.uncertain} uncertain"
    return words if report.error is None else f"{words}: {say(report.error)}"


def reason(decision: Decision, seen: Observation | None) -> str:
    """Why a decision came to nothing: the last step that changed the count."""
    found = effective(decision)
    if found:
        return str(found[-1])
    if seen is None or not seen.demand.as_of:
        return "no step asked for pilots"
    if not seen.demand.ready:
        return "no work waits"
    served = seen.ready() <= seen.supply.pending
    return "all ready work has pilots" if served else "no step asked for pilots"


def explain(report: Report) -> list[str]:
    """A whole report for people, one sentence a line: readings with their ages, the trail, the outcome."""
    lines = [*_readings(report), *_neighbours(report)]
    if report.decision is not None:
        lines += [f"  {change}" for change in changes(report.decision)]
    lines += [f"=> {verdict(report)}", *_rehearsal(report)]
    return lines + _identifiers(report)


def _readings(report: Report) -> list[str]:
    seen = report.seen
    if seen is None:
        return []
    return [
        f"work at {report.source}: {describe_demand(seen.demand, seen.now)}",
        f"pilots at {report.target}: {describe_supply(seen.supply, seen.now)}",
        *(f"  trouble: {trouble}" for trouble in seen.supply.troubles),
    ]


def _neighbours(report: Report) -> list[str]:
    seen = report.seen
    if seen is None:
        return []
    lines = []
    if seen.started:
        lines.append(f"{seen.started} pilots began after the work was counted")
    lines += [
        f"sibling {sibling.queue}: {sibling.pending} pending, {sibling.running} running,"
        f" weight {sibling.weight:g}"
        for sibling in seen.siblings
    ]
    return lines


def _rehearsal(report: Report) -> list[str]:
    if report.shadow is None:
        return []
    steps = [f"  {change}" for change in changes(report.shadow)]
    return ["shadow chain, which nobody acts on:", *steps, f"=> would {intent(report.shadow, report.seen)}"]


def _identifiers(report: Report) -> list[str]:
    if report.outcome is None:
        return []
    names = [*report.outcome.submitted, *report.outcome.retired]
    if not names:
        return []
    more = len(names) - SHOWN_IDENTIFIERS
    return [f"   {', '.join(names[:SHOWN_IDENTIFIERS])}{f' and {more} more' if more > 0 else ''}"]


def describe_demand(demand: Demand, now: float) -> str:
    """A demand in words; one that was never stamped is unknown."""
    if not demand.as_of:
        return "unknown"
    words = f"{demand.ready} ready ({demand.ready_cores} cores), {demand.running} running"
    if demand.held:
        words += f", {demand.held} held"
    if demand.status is not None:
        words += f", site {demand.status.value}"
    return f"{words}, {age(demand.as_of, now)}"


def describe_supply(supply: Supply, now: float) -> str:
    """A supply in words."""
    words = f"{supply.pending} pending, {supply.running} running"
    for name in ("idle", "held", "retiring", "uncertain"):
        if getattr(supply, name):
            words += f", {getattr(supply, name)} {name}"
    return f"{words}, {age(supply.as_of, now)}"


def age(as_of: float, now: float) -> str:
    """How old a reading is."""
    return f"{max(0.0, now - as_of):.1f} s old"


def as_data(report: Report) -> dict[str, Any]:
    """A report as JSON can hold it."""
    decision, outcome = report.decision, report.outcome
    return {
        "queue": report.queue,
        "source": report.source,
        "target": report.target,
        "cycle": report.number,
        "began": timestamp(report.wall),
        "seconds": round(report.seconds, 3),
        **_observation(report.seen),
        "decision": None if decision is None else decision.count,
        "steps": [] if decision is None else [_step(change) for change in changes(decision)],
        "shadow": None if report.shadow is None else report.shadow.count,
        "shadow_steps": [] if report.shadow is None else [_step(change) for change in changes(report.shadow)],
        "submitted": [] if outcome is None else list(outcome.submitted),
        "retired": [] if outcome is None else list(outcome.retired),
        "uncertain": 0 if outcome is None else outcome.uncertain,
        "verdict": verdict(report),
        "words": explain(report),
        "error": None if report.error is None else say(report.error),
    }


def _step(change: Change) -> Mapping[str, Any]:
    return {"rule": change.rule, "before": change.before, "after": change.after}


def _observation(seen: Observation | None) -> Mapping[str, Any]:
    if seen is None:
        return {"demand": None, "supply": None}
    return {
        "demand": _reading(seen.demand, seen.now) if seen.demand.as_of else None,
        "supply": _reading(seen.supply, seen.now),
        "started": seen.started,
        "siblings": [
            {name.name: getattr(sibling, name.name) for name in fields(sibling)} for sibling in seen.siblings
        ],
    }


def _reading(reading: Demand | Supply, now: float) -> Mapping[str, Any]:
    facts = {name.name: getattr(reading, name.name) for name in fields(reading) if name.name not in BULKY}
    return {**facts, "age": round(max(0.0, now - reading.as_of), 3)}
