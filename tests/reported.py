"""Reports of a queue as a year in a pool would bring them, for the tests and measurements of the history.

The core is the real one, guard and shadow chain too; only the world around it is made up.
"""

import random
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import Any

from autopyfactory.cycle import Cycle, Queue
from autopyfactory.fleet import Fleet
from autopyfactory.guard import Guard
from autopyfactory.ledger import Ledger
from autopyfactory.limits import FactoryLimits
from autopyfactory.model import Decision, Demand, Ended, Order, Report, SiteStatus, Step, Supply
from autopyfactory.options import SourceSection, TargetSection
from autopyfactory.policies.max_pending import MaxPending
from autopyfactory.policies.max_per_cycle import MaxPerCycle
from autopyfactory.policies.ready import Ready
from autopyfactory.policies.scale import Scale
from autopyfactory.policies.status_offline import StatusOffline
from autopyfactory.sections import Demands, Process, Supplies
from autopyfactory.testing import FakePilot, FakeWork
from autopyfactory.worker import Inline

CHAIN = (Ready(), Scale(factor=0.5), MaxPerCycle(limit=100), StatusOffline(), MaxPending(limit=10))
TRIED = (Ready(), MaxPerCycle(limit=100), StatusOffline(), MaxPending(limit=12))
EPOCH = 1_700_000_000.0  # the wall clock when the monotonic one stood at 0
INTERVAL = 360.0
LOOK_BACK = 6 * 3600.0  # for which ended pilots are told
RECENT = 3600.0  # for which starts are told
LONG = {"max_age": "1m", "timeout": "1m"}


class UnevenClock:
    """A monotonic clock to the nanosecond, on which everything takes some time."""

    def __init__(self, chance: random.Random, now: float) -> None:
        self.now = now
        self._chance = chance

    def __call__(self) -> float:
        self.now = round(self.now + self._chance.random() * 1e-4, 9)
        return self.now

    def wall(self) -> float:
        """The time of day, which is set right now and then."""
        return EPOCH + self.now + self._chance.gauss(0, 1e-4)


class Site:
    """A queue with some work and forty-odd pilots, of which a few start and end in each cycle."""

    def __init__(self, queue: str, seed: int = 0, interval: float = INTERVAL) -> None:
        self._random = random.Random(f"{queue} {seed}")
        self._interval = interval
        self._clock = UnevenClock(self._random, 100_000 + self._random.random() * interval)
        self._ready, self._pending, self._running = 20, 3, 40
        self._starts: list[float] = []
        self._ended: tuple[Ended, ...] = ()
        self._cluster = 1000
        self._fleet = Fleet()
        self._queue = self._define(queue)
        tags = count(1)
        guard = Guard(self._fleet, self._clock)
        guard.limit(FactoryLimits(), {"ce01": self._queue.target.options.guard}, fall=0.5, least=10)
        self._cycle = Cycle(
            guard=guard, clock=self._clock, wall=self._clock.wall, new_tag=lambda: f"tag-{next(tags)}"
        )

    def reports(self, number: int) -> Iterator[Report]:
        """So many cycles, an interval apart."""
        report: Report | None = None
        for _ in range(number):
            self._clock.now = round(self._clock.now + self._interval + self._random.gauss(0, 0.002), 9)
            report = self._cycle.run(self._queue, report)
            yield report

    def demand(self, works: Collection[Any]) -> Mapping[Any, Demand]:
        """As a source tells it: counted up to a minute ago."""
        self._ready = max(0, self._ready + self._random.randint(-6, 6))
        demand = Demand(
            ready=self._ready,
            running=self._running,
            ready_cores=self._ready * 8,
            running_cores=self._running * 8,
            status=SiteStatus.ONLINE,
            as_of=round(self._clock() - self._random.random() * 60, 9),
        )
        return dict.fromkeys(works, demand)

    def supply(self, queues: Collection[str]) -> Mapping[str, Supply]:
        """As a target tells it: its clock has whole seconds, and what it tells changes by a few."""
        chance = self._random
        clock = float(int(EPOCH + self._clock()))
        moves = self._interval >= INTERVAL or chance.random() < self._interval / INTERVAL
        begun = min(self._pending, chance.randint(0, 3)) * moves
        over = min(self._running, chance.choice((0, 0, 1, 2))) * moves
        self._pending -= begun
        self._running += begun - over
        times = [
            (clock - chance.randint(0, int(self._interval)), float(chance.randint(100, 90_000)))
            for _ in range(over)
        ]
        fresh = sorted((Ended(end=end, run_time=time) for end, time in times), key=lambda one: one.end)
        self._ended = tuple(one for one in (*self._ended, *fresh) if one.end > clock - LOOK_BACK)
        self._starts = [start for start in self._starts if start > clock - RECENT]
        self._starts += sorted(clock - chance.randint(0, int(self._interval)) for _ in range(begun))
        as_of = round(self._clock() - chance.random() * 30, 9)
        supply = Supply(
            pending=self._pending,
            running=self._running,
            starts=tuple(as_of - clock + start for start in self._starts),
            ended=self._ended,
            clock=clock,
            as_of=max(as_of, self._acted),
        )
        for target, others in (("ce01", 5000 + chance.randint(-50, 50)), ("ce02", 4000)):
            self._fleet.saw(target, {"OTHERS": Supply(running=others)}, as_of)
        return dict.fromkeys(queues, supply)

    def submit(self, order: Order[Any]) -> Sequence[str]:
        """All are accepted, in a fraction of a second."""
        self._cluster += self._random.randint(1, 30)
        self._pending += order.count
        self._clock.now = self._acted = round(self._clock.now + self._random.random(), 9)
        return tuple(f"{self._cluster}.{process}" for process in range(order.count))

    def retire(self, queue: str, count: int) -> Sequence[str]:
        """Its chain never asks for that."""
        raise AssertionError(f"nobody retires {count} of {queue}")

    _acted = float("-inf")

    def _define(self, name: str) -> Queue:
        process = Process(clock=self._clock, fleet=self._fleet, ledger=Ledger(), worker=Inline)
        return Queue(
            name=name,
            source=Demands("panda", self, SourceSection(**LONG), process),  # type: ignore[arg-type]
            work=FakeWork(),
            target=Supplies("ce01", self, TargetSection(**LONG), process),  # type: ignore[arg-type]
            pilot=FakePilot(cores=8),
            policies=CHAIN,
            shadow=TRIED,
            interval=self._interval,
            definition="{}",
        )


def as_kept(report: Report) -> Report:
    """A report as the history gives it back: rules are words."""
    return replace(report, decision=in_words(report.decision), shadow=in_words(report.shadow))


def in_words(decision: Decision | None) -> Decision | None:
    """A decision whose rules are words."""
    if decision is None:
        return None
    steps = (Step(rule if isinstance(rule, str) else repr(rule), count) for rule, count in decision.steps)
    return replace(decision, steps=tuple(steps))


def without_starts(report: Report) -> Report:
    """A report without what is kept to a tenth of a second only."""
    if report.seen is None:
        return report
    return replace(report, seen=replace(report.seen, supply=replace(report.seen.supply, starts=())))
