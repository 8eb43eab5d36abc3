"""A trace: what the record of one queue tells of the world, for a model of it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from autopyfactory.app.past import parse
from autopyfactory.app.replay.outages import Sight
from autopyfactory.errors import Closed
from autopyfactory.history.reader import Block, History, Span
from autopyfactory.model import Demand, Observation, Outcome, SiteStatus, Supply
from autopyfactory.options import HeldAs

GAP = 3600.0  # seconds between two readings after which nobody knows what was between them


class Point(NamedTuple):
    """One reading, held pilots apart; `work` is None where the demand was not known."""

    wall: float
    pending: int
    running: int
    work: Demand | None
    held: int = 0


@dataclass(slots=True, kw_only=True)
class Trace:
    """All readings of one queue, in order, and what they tell together."""

    queue: str
    points: list[Point] = field(default_factory=list)
    ended: dict[tuple[float, float], None] = field(
        default_factory=dict
    )  # end, by the target's clock; seconds
    moved: int = 0  # pilots submitted, less those retired
    source: str = ""  # whom it asked last
    asked_source: list[Sight] = field(default_factory=list)
    asked_target: list[Sight] = field(default_factory=list)

    def take(
        self, wall: float, seen: Observation, outcome: Outcome | None, held_as: HeldAs | None = None
    ) -> None:
        """One more cycle, in which held pilots were counted among those, too."""
        work = seen.demand if seen.demand.as_of else None
        supply = seen.supply
        pending = supply.pending - (supply.held if held_as is HeldAs.PENDING else 0)
        running = supply.running - (supply.held if held_as is HeldAs.RUNNING else 0)
        self.points.append(Point(wall, pending, running, work, supply.held))
        self._remember(supply)
        if outcome is not None:
            self.moved += len(outcome.submitted) - len(outcome.retired)

    @property
    def started(self) -> int:
        """Pilots that began to run: those that came and do not wait any more."""
        if not self.points:
            return 0
        return max(0, self.moved - self.points[-1].pending + self.points[0].pending)

    @property
    def waited(self) -> float:
        """Seconds that all pilots together waited."""
        return sum(before.pending * seconds for before, seconds in self.stretches())

    @property
    def holds(self) -> int:
        """Pilots that became held, as far as readings show it."""
        return sum(max(0, after.held - before.held) for before, after in pairwise(self.points))

    @property
    def held(self) -> float:
        """Seconds that all pilots together were held."""
        return sum(before.held * seconds for before, seconds in self.stretches())

    def ask(self, cycle: "Asked") -> None:
        """Whether source and target answered in this cycle, as far as they were asked and that is known."""
        words = "" if cycle.error is None or isinstance(cycle.error, Closed) else str(cycle.error)
        seen, self.source = cycle.seen, cycle.source
        no_source = words.startswith(f"source {cycle.source}")
        no_target = seen is None and words.startswith(f"target {cycle.target}")
        if no_source or (seen is not None and seen.demand.as_of):
            self.asked_source.append(Sight(cycle.wall, self.queue, not no_source))
        if no_target or seen is not None:
            self.asked_target.append(Sight(cycle.wall, self.queue, not no_target))

    @property
    def run_times(self) -> list[float]:
        """Seconds that the pilots ran that ended within the record."""
        first = self.points[0].wall if self.points else 0.0
        return [seconds for end, seconds in self.ended if end >= first and seconds > 0]

    def stretches(self) -> Iterator[tuple[Point, float]]:
        """Each reading, and for how many seconds nothing else is known."""
        for before, after in pairwise(self.points):
            yield before, min(GAP, after.wall - before.wall)

    def ends(self) -> list[float]:
        """When pilots ended, in order."""
        return sorted(end for end, _ in self.ended)

    def _remember(self, supply: Supply) -> None:
        for record in reversed(supply.ended or ()):
            if not record.run_time:  # it did nothing, and many such end in the same second
                continue
            key = (record.end, record.run_time)
            if key in self.ended:
                break
            self.ended[key] = None


class Asked(NamedTuple):
    """What a trace wants of one report."""

    wall: float
    seen: Observation | None
    outcome: Outcome | None
    error: Exception | None
    source: str
    target: str


def read(history: History, queue: str, span: Span) -> Trace:
    """The trace of a queue."""
    trace = Trace(queue=queue)
    for block in history.blocks(queue, span):
        held_as = held_as_of(block.definition)
        for cycle in cycles(block, span):
            trace.ask(cycle)
            if cycle.seen is not None:
                trace.take(cycle.wall, cycle.seen, cycle.outcome, held_as)
    return trace


def cycles(block: Block, span: Span) -> Iterator[Asked]:
    """The reports of a block that began in this time, as far as a trace wants them."""
    columns = (block.values(name) for name in Asked._fields)
    found = map(Asked._make, zip(*columns, strict=True))
    return (cycle for cycle in found if span.first <= cycle.wall <= span.last)


def held_as_of(definition: str) -> HeldAs | None:
    """Among which pilots held ones were counted; None where nobody knows, or among none."""
    options = parse(definition).get("target", {}).get("options", {})
    word = options.get("held_as")
    return HeldAs(word) if word in set(HeldAs) else None


def statuses(trace: Trace) -> Iterator[tuple[float, float, SiteStatus]]:
    """From when to when the site was not online, and what it was; while nobody knows, it is as before."""
    known = [(point.wall, point.work.status) for point in trace.points if point.work and point.work.status]
    begin, status = 0.0, SiteStatus.ONLINE
    for wall, now in known:
        if now is not status:
            if status is not SiteStatus.ONLINE:
                yield begin, wall, status
            begin, status = wall, now
    if status is not SiteStatus.ONLINE:
        yield begin, known[-1][0], status
