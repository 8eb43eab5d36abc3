"""A trace: what the record of one queue tells of the world, for a model of it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from autopyfactory.history.reader import History, Span
from autopyfactory.model import Demand, Observation, Outcome, SiteStatus, Supply

GAP = 3600.0  # seconds between two readings after which nobody knows what was between them


class Point(NamedTuple):
    """One reading; `work` is None where the demand was not known."""

    wall: float
    pending: int
    running: int
    work: Demand | None


@dataclass(slots=True, kw_only=True)
class Trace:
    """All readings of one queue, in order, and what they tell together."""

    queue: str
    points: list[Point] = field(default_factory=list)
    ended: dict[tuple[float, float], None] = field(
        default_factory=dict
    )  # end, by the target's clock; seconds
    moved: int = 0  # pilots submitted, less those retired

    def take(self, wall: float, seen: Observation, outcome: Outcome | None) -> None:
        """One more cycle."""
        work = seen.demand if seen.demand.as_of else None
        self.points.append(Point(wall, seen.supply.pending, seen.supply.running, work))
        self._remember(seen.supply)
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
            key = (record.end, record.run_time)
            if key in self.ended:
                break
            self.ended[key] = None


def read(history: History, queue: str, span: Span) -> Trace:
    """The trace of a queue."""
    trace = Trace(queue=queue)
    for block in history.blocks(queue, span):
        columns = (block.values(name) for name in ("wall", "seen", "outcome"))
        for wall, seen, outcome in zip(*columns, strict=True):
            if seen is not None and span.first <= wall <= span.last:
                trace.take(wall, seen, outcome)
    return trace


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
