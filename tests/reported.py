"""Reports of a queue as a year in a pool would bring them, for the tests and measurements of the history."""

import random
from collections.abc import Iterator
from dataclasses import replace

from autopyfactory.decide import decide
from autopyfactory.model import Demand, Ended, Observation, Outcome, Report, SiteStatus, Step, Supply
from autopyfactory.policies.max_pending import MaxPending
from autopyfactory.policies.max_per_cycle import MaxPerCycle
from autopyfactory.policies.ready import Ready
from autopyfactory.policies.scale import Scale
from autopyfactory.policies.status_offline import StatusOffline

CHAIN = (Ready(), Scale(factor=0.5), MaxPerCycle(limit=100), StatusOffline(), MaxPending(limit=10))
EPOCH = 1_700_000_000.0  # the wall clock when the monotonic one stood at 0
INTERVAL = 360.0
LOOK_BACK = 6 * 3600.0  # for which ended pilots are told
RECENT = 3600.0  # for which starts are told


class Site:
    """A queue with some work and forty-odd pilots, of which a few start and end in each cycle."""

    def __init__(self, queue: str, seed: int = 0, interval: float = INTERVAL) -> None:
        self._queue = queue
        self._random = random.Random(f"{queue} {seed}")
        self._interval = interval
        self._now = 100_000 + self._random.random() * interval
        self._ready, self._pending, self._running = 20, 3, 40
        self._starts: list[float] = []
        self._ended: tuple[Ended, ...] = ()
        self._acted = float("-inf")
        self._cluster = 1000

    def reports(self, number: int) -> Iterator[Report]:
        """So many cycles, an interval apart."""
        for cycle in range(1, number + 1):
            self._now = round(self._now + self._interval + self._random.gauss(0, 0.002), 9)
            seen = self._observe()
            decision = decide(CHAIN, seen)
            yield Report(
                queue=self._queue,
                source="panda",
                target="ce01",
                number=cycle,
                wall=EPOCH + self._now,
                began=self._now,
                seconds=round(self._random.random(), 9),
                seen=seen,
                decision=decision,
                outcome=self._submit(max(0, decision.count)),
                acted=self._acted,
                definition="{}",
            )

    def _observe(self) -> Observation:
        chance = self._random
        clock = float(int(EPOCH + self._now))
        self._ready = max(0, self._ready + chance.randint(-6, 6))
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
        begun_at = round(self._now - chance.random() * 30, 9)
        return Observation(
            demand=self._demand(),
            supply=Supply(
                pending=self._pending,
                running=self._running,
                starts=tuple(begun_at - clock + start for start in self._starts),
                ended=self._ended,
                clock=clock,
                as_of=begun_at,
            ),
            started=begun,
            fleet=5000 + chance.randint(-50, 50),
            factory=9000 + chance.randint(-90, 90),
            cores=8,
            now=self._now,
        )

    def _demand(self) -> Demand:
        return Demand(
            ready=self._ready,
            running=self._running,
            ready_cores=self._ready * 8,
            running_cores=self._running * 8,
            status=SiteStatus.ONLINE,
            as_of=round(self._now - self._random.random() * 60, 9),
        )

    def _submit(self, count: int) -> Outcome:
        if not count:
            return Outcome()
        self._cluster += self._random.randint(1, 30)
        self._pending += count
        self._acted = round(self._now + self._random.random(), 9)
        return Outcome(submitted=tuple(f"{self._cluster}.{process}" for process in range(count)))


def as_kept(report: Report) -> Report:
    """A report as the history gives it back: rules are words."""
    if report.decision is None:
        return report
    steps = tuple(
        Step(rule if isinstance(rule, str) else repr(rule), count) for rule, count in report.decision.steps
    )
    return replace(report, decision=replace(report.decision, steps=steps))


def without_starts(report: Report) -> Report:
    """A report without what is kept to a tenth of a second only."""
    if report.seen is None:
        return report
    return replace(report, seen=replace(report.seen, supply=replace(report.seen.supply, starts=())))
