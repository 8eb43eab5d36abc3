"""The open loop: recorded observations, one after the other, through another chain.

What was recorded stays as it was, whatever the new chain would have made of it.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from autopyfactory.app.past import interval_in
from autopyfactory.app.replay.ruling import Ruling
from autopyfactory.app.replay.sums import Trial
from autopyfactory.history.reader import Block, History, Span
from autopyfactory.model import Decision, Observation, Unit
from autopyfactory.retirement import ASKED
from autopyfactory.view import GuardView

Rule = Callable[[str], Ruling]  # from the definition under which a cycle was recorded
Show = Callable[[float], None]


class Recorded(NamedTuple):
    """What a replay wants of one report."""

    wall: float
    seen: Observation | None
    view: GuardView | None
    error: Exception | None
    decided: int | None


def replay(history: History, queue: str, span: Span, rule: Rule, show: Show) -> Trial:
    """Decide all recorded cycles of a queue anew; `show` hears how many seconds of the record are done."""
    trial = Trial.new()
    for block in history.blocks(queue, span):
        ruling, seconds = rule(block.definition), interval_in(block.definition)
        last = span.first
        for cycle in cycles(block, span):
            judge(cycle, ruling, seconds, trial)
            last = cycle.wall
        show(last - span.first)
    return trial


def judge(cycle: Recorded, ruling: Ruling, seconds: float, trial: Trial) -> None:
    """Decide one cycle anew, and count both decisions."""
    if cycle.seen is None:
        trial.cycles += 1
        trial.blind += 1
        return
    seen = ruling.adapt(cycle.seen)
    count = ruling.number(seen, cycle.view, cycle.wall, cycle.error)
    trial.compare(cycle.wall, cycle.decided, count)
    if seen.demand.as_of:
        lack = lacking(seen, ruling.unit)
        trial.recorded.count(cycle.decided or 0, lack, seconds)
        trial.replayed.count(count or 0, lack, seconds)


def lacking(seen: Observation, unit: Unit) -> int:
    """Pilots that the work still wants; below 0, those that are more than it wants."""
    ready = seen.ready(unit)
    return ready - seen.supply.pending if ready else -seen.supply.pending - (seen.supply.idle or 0)


def cycles(block: Block, span: Span) -> Iterator[Recorded]:
    """The cycles of a block that began in this time, without retirements that an operator asked for."""
    names = ("wall", "seen", "guard", "error", "decision.count")
    found = map(Recorded._make, zip(*(block.values(name) for name in names), strict=True))
    wishes: list[bool] | None = None
    for place, cycle in enumerate(found):
        if not span.first <= cycle.wall <= span.last:
            continue
        if cycle.seen is not None and not cycle.seen.demand.as_of:
            wishes = wishes or [is_wish(decision) for decision in block.values("decision")]
            if wishes[place]:
                continue
        yield cycle


def is_wish(decision: Decision | None) -> bool:
    """Whether an operator's word is the beginning of it."""
    return decision is not None and bool(decision.steps) and decision.steps[0].rule == ASKED
