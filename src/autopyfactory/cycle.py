"""One cycle of one queue: observe, decide, act, report.  Read this file first.

source --> Demand -.
                    >-> Observation -> Decision -> Outcome --> Report
target --> Supply -'   (policies, guard)          (submit, retire)
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from autopyfactory.act import act as perform
from autopyfactory.course import Course
from autopyfactory.cut import cut
from autopyfactory.decide import conclude, rehearse
from autopyfactory.errors import Unavailable, keep
from autopyfactory.guard import Guard
from autopyfactory.model import NOTHING, Clock, Decision, Demand, Observation, Order, Report
from autopyfactory.options import Options, PilotOptions, QueueLimits
from autopyfactory.ports import Policy
from autopyfactory.proofs import Proofs
from autopyfactory.sections import Demands, Supplies


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """One stream of work and the place its pilots go to; its name is its identity everywhere."""

    name: str
    source: Demands
    work: Options
    target: Supplies
    pilot: PilotOptions
    policies: tuple[Policy, ...]
    interval: float  # seconds
    when_unknown: int | None = None  # pilots to submit when the demand is unknown; None: no decision
    weight: float = 1.0
    limits: QueueLimits = field(default_factory=QueueLimits)  # what the guard holds against this queue alone
    shadow: tuple[Policy, ...] = ()  # a second chain, which nobody acts on
    credentials: tuple[Proofs, ...] = ()  # of its pilots, in order of preference
    siblings: tuple[tuple[str, float], ...] = ()  # names and weights of queues that serve the same work
    definition: str = ""  # all of the above as it was configured, JSON; kept with every report


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """What the cycles of all queues have in common."""

    guard: Guard
    clock: Clock
    wall: Clock
    new_tag: Callable[[], str]

    def run(self, queue: Queue, previous: Report | None = None, *, act: bool = True) -> Report:
        """Run one cycle, or all of it but the act.  Whatever happens, the answer is a report."""
        course = self.begin(queue, previous)
        try:
            seen, unknown = self._observe(queue, since=course.acted)
            course.seen, course.error = seen, unknown and keep(unknown)
            course.decision = decision = conclude(queue.policies, seen, unknown, queue.when_unknown)
            course.shadow = rehearse(queue.shadow, seen, unknown, queue.when_unknown)
            if act:
                self._act(queue, seen, decision, course)
        except Exception as error:
            course.error = keep(error)
        return course.end(self.clock())

    def begin(self, queue: Queue, previous: Report | None) -> Course:
        """The course of a cycle that begins now."""
        return Course(
            queue=queue.name,
            source=queue.source.name,
            target=queue.target.name,
            number=previous.number + 1 if previous else 1,
            acted=previous.acted if previous else float("-inf"),
            wall=self.wall(),
            began=self.clock(),
            definition=queue.definition,
        )

    def _observe(self, queue: Queue, since: float) -> tuple[Observation, Unavailable | None]:
        """Supply as it was after our last act ended, demand as it is known, and why it is not known."""
        unknown = None
        try:
            demand = queue.source.read(queue.work, max_age=queue.interval)
        except Unavailable as error:
            if queue.when_unknown is None:
                raise
            demand, unknown = Demand(), error
        try:
            supply = queue.target.read(queue.name, newer_than=since, max_age=queue.interval)
        except Unavailable as error:
            self.guard.miss(queue.name, error)
            raise
        fleet, counted = self.guard.fleet, math.inf if unknown else demand.as_of
        seen = Observation(
            demand=demand,
            supply=supply,
            siblings=tuple([fleet.sibling(name, weight, counted) for name, weight in queue.siblings]),
            started=fleet.began_since(queue.name, supply, counted),
            fleet=fleet.at(queue.target.name),
            factory=fleet.total(),
            cores=queue.pilot.cores,
            weight=queue.weight,
            now=self.clock(),
        )
        return seen, unknown

    def _act(self, queue: Queue, seen: Observation, decision: Decision, course: Course) -> None:
        """Do what the guard leaves of the decision; `acted` is when that ended, however it ended."""
        permit = self.guard.allow(queue.name, queue.target.name, decision, seen, course.wall)
        course.decision, course.guard = permit.decision, permit.view
        course.shadow = course.shadow and cut(course.shadow, permit.view)
        course.outcome, count = NOTHING, permit.decision.count
        if count == 0:
            return
        order = Order(queue=queue.name, pilot=queue.pilot, count=count, tag=self.new_tag())
        outcome, error = perform(queue.target, order, queue.credentials)
        self.guard.settle(permit, outcome, error)
        course.outcome, course.error, course.acted = outcome, error or course.error, self.clock()
