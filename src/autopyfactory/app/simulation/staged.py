"""A source and a target in the world of a scenario: they stand in for the real plug-ins of a plan."""

from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from typing import Any, ClassVar

from autopyfactory.clients.simulation.books import RECORDS, Books
from autopyfactory.clients.simulation.simulator import Setup
from autopyfactory.clients.simulation.spells import Outage
from autopyfactory.clients.simulation.workload import System, Workload
from autopyfactory.clients.simulation.world import World
from autopyfactory.errors import Unavailable
from autopyfactory.model import Clock, Demand, Ended, Need, Order, Supply
from autopyfactory.options import SourceSection, TargetSection
from autopyfactory.sources.simulated import describe


@dataclass(slots=True, kw_only=True)
class StagedSource:
    """Tells of the workload what the plug-in that it stands for could tell."""

    options: ClassVar[type[SourceSection]] = SourceSection
    work: Any
    gives: frozenset[Need]
    system: System
    workload: Workload
    names: Mapping[Any, str]  # of the works that queues select
    clock: Clock
    born: float
    lag: float = 0.0  # seconds, as the section says

    def demand(self, works: Collection[Any]) -> Mapping[Any, Demand]:
        """As the jobs are, or were `behind` seconds ago."""
        now, names = self.clock(), [self.names[work] for work in works]
        refuse(self.system.outages, now - self.born)
        told = self.workload.tell(now, names)
        counted = now - self.lag
        demands = {work: describe(told[name], counted) for work, name in zip(works, names, strict=True)}
        if Need.STATUS in self.gives:
            return demands
        return {work: replace(demand, status=None) for work, demand in demands.items()}


@dataclass(slots=True)
class Records:
    """Ended pilots of one queue in our words, made once."""

    over: int = 0
    newest: deque[Ended] = field(default_factory=lambda: deque(maxlen=RECORDS))
    told: tuple[Ended, ...] = ()

    def follow(self, books: Books) -> tuple[Ended, ...]:
        """All that the books still have."""
        if books.over == self.over:
            return self.told
        new = min(books.over - self.over, len(books.ended))
        for record in islice(books.ended, len(books.ended) - new, None):
            self.newest.append(Ended(end=record.end, run_time=record.run_time, reason=record.reason))
        self.over, self.told = books.over, tuple(self.newest)
        return self.told


@dataclass(slots=True, kw_only=True)
class StagedTarget:
    """Keeps pilots in a world, and tells of them what the plug-in that it stands for could tell."""

    options: ClassVar[type[TargetSection]] = TargetSection
    pilot: Any
    gives: frozenset[Need]
    world: World
    laws: Setup
    factory: str
    clock: Clock
    born: float
    recent: float  # seconds for which the starts of running pilots are told
    records: dict[str, Records] = field(default_factory=dict)
    _tells_idle: bool = field(init=False)
    _tells_ended: bool = field(init=False)
    _tells_lifetime: bool = field(init=False)

    def __post_init__(self) -> None:
        needs = (Need.IDLE, Need.ENDED, Need.LIFETIME)
        self._tells_idle, self._tells_ended, self._tells_lifetime = (need in self.gives for need in needs)

    def supply(self, queues: Collection[str]) -> Mapping[str, Supply]:
        """All pilots that were ever submitted and neither ended nor were retired."""
        now = self.clock()
        refuse(self.laws.outages, now - self.born)
        self.world.advance(now)
        return {queue: self._count(queue, now) for queue in queues}

    def tagged(self, tags: Collection[str]) -> Mapping[str, int]:
        """As the world remembers: the newest 100,000 tags."""
        return self.world.tagged(self.factory, tags)

    def submit(self, order: Order[Any]) -> Sequence[str]:
        """All are accepted."""
        key = (self.factory, order.queue)
        return self._act(lambda now: self.world.submit(now, key, order.count, order.tag))

    def retire(self, queue: str, count: int) -> Sequence[str]:
        """Held pilots, then pending ones, then idle ones, and those with a job if the laws say so."""
        key, running = (self.factory, queue), self.laws.retire_running
        return self._act(lambda now: self.world.retire(now, key, count, running=running))

    def _act(self, do: Callable[[float], list[str]]) -> list[str]:
        """Do it now; while the target hangs, when it is over, and nobody hears of it."""
        now = self.clock()
        try:
            refuse(self.laws.outages, now - self.born)
        except Hanging as hanging:
            moment = now + hanging.left
            self.world.agenda.at(moment, partial(do, moment))
            raise
        return do(now)

    def _count(self, queue: str, now: float) -> Supply:
        books = self.world.books((self.factory, queue))
        idle = books.idle if self._tells_idle else {}
        ended = None
        if self._tells_ended:
            records = self.records.get(queue)
            if records is None:
                records = self.records[queue] = Records()
            ended = records.follow(books)
        return Supply(
            pending=len(books.pending),
            running=len(books.running),
            held=len(books.held),
            idle=len(idle) if self._tells_idle else None,
            starts=books.starts(now - self.recent, idle),
            ended=ended,
            lifetime=books.submitted if self._tells_lifetime else None,
            clock=now,
            as_of=now,
        )


class Hanging(Unavailable):
    """The answer comes in `left` seconds, when nobody waits for it any more."""

    def __init__(self, left: float) -> None:
        super().__init__(f"it hangs for {left:.0f} more seconds")
        self.left = left


def refuse(outages: Sequence[Outage], age: float) -> None:
    """Raise `Unavailable` in an outage."""
    for outage in outages:
        left = outage.left(age)
        if left > 0 and outage.hangs:
            raise Hanging(left)
        if left > 0:
            raise Unavailable(f"it has an outage of {left:.0f} more seconds", untouched=True)
