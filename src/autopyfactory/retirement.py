"""A retirement that an operator asks for: a cycle of one queue without its source and its policies."""

from dataclasses import dataclass

from autopyfactory.act import act
from autopyfactory.cycle import Cycle, Queue
from autopyfactory.errors import keep
from autopyfactory.guard import Permit
from autopyfactory.model import Decision, Observation, Order, Outcome, Report, Step

ASKED = "retire: asked by an operator"  # the first step of such a report, by which it is known


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """So many pilots fewer; `hurried`: on one reading of the target, whatever the one before said."""

    count: int
    hurried: bool = False


def retire(cycle: Cycle, queue: Queue, previous: Report | None, wish: Wish) -> Report:
    """Retire what the guard leaves of the wish.  Whatever happens, the answer is a report.

    A second reading, where the guard wants one, is taken here and now.
    """
    course, permit = cycle.begin(queue, previous), None
    try:
        seen, permit = judge(cycle, queue, wish, since=course.acted)
        if permit.decision.count == 0:
            seen, permit = judge(cycle, queue, wish, since=cycle.clock())
        course.seen, course.decision = seen, permit.decision
        course.guard, course.outcome = permit.view, Outcome()
    except Exception as error:
        course.error = keep(error)
    if permit is not None and course.decision is not None and course.decision.count:
        order = Order(queue=queue.name, pilot=queue.pilot, count=course.decision.count, tag=cycle.new_tag())
        outcome, failure = act(queue.target, order)
        cycle.guard.settle(permit, outcome, failure)
        course.outcome, course.error, course.acted = outcome, failure, cycle.clock()
    return course.end(cycle.clock())


def judge(cycle: Cycle, queue: Queue, wish: Wish, since: float) -> tuple[Observation, Permit]:
    """What the guard leaves of a wish after a reading of the target begun at or after `since`."""
    fleet = cycle.guard.fleet
    seen = Observation(
        supply=queue.target.read(queue.name, newer_than=since, max_age=queue.interval),
        fleet=fleet.at(queue.target.name),
        factory=fleet.total(),
        cores=queue.pilot.cores,
        weight=queue.weight,
        now=cycle.clock(),
    )
    asked = Decision(count=-wish.count, steps=(Step(ASKED, -wish.count),))
    return seen, cycle.guard.spare(queue.name, queue.target.name, asked, seen, hurried=wish.hurried)
