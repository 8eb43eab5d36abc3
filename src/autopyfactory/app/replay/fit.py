"""A fit: the laws of a simulated world, from what a record tells of the real one.

Every pilot takes one job.  Jobs come when the counts of work say so, and run as long as the recorded pilots
did; pilots wait as long in the mean, and at a target no more of them run at once than ever did.  As many are
held, and whoever gave no answer then gives none now.
"""

import math
import statistics
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import chain, pairwise
from typing import Any

from autopyfactory.app.assembly.recipes import Recipe
from autopyfactory.app.assembly.workshop import NO_SOURCE
from autopyfactory.app.replay.outages import Sight
from autopyfactory.app.replay.outages import outages as find_outages
from autopyfactory.app.replay.trace import Trace, statuses
from autopyfactory.app.simulation.stage import Nature, innermost, name_works
from autopyfactory.clients.simulation.arrivals import Arrival, Condition, StatusSpell, Stream
from autopyfactory.clients.simulation.chance import Shape, Spread
from autopyfactory.clients.simulation.simulator import Setup
from autopyfactory.clients.simulation.spells import Outage
from autopyfactory.clients.simulation.workload import System
from autopyfactory.cycle import Queue
from autopyfactory.errors import ConfigError
from autopyfactory.plan import Plan

ONE_JOB = Spread(mean=timedelta(seconds=1))  # of a pilot's time, after which it takes no further job
WIDEST = 5.0  # that a spread can be
AT_ONCE = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """The traces of all queues from a moment on, and where their pilots were, by queue."""

    first: float
    traces: Mapping[str, Trace]
    places: Mapping[str, str]
    all_times: Sequence[float] = field(init=False)

    def __post_init__(self) -> None:
        times = [seconds for trace in self.traces.values() for seconds in trace.run_times]
        if not times:
            raise ConfigError(
                "no pilot ended within this time: there is nothing that a model could be fitted to"
            )
        object.__setattr__(self, "all_times", times)

    def nature(self, plan: Plan) -> Nature:
        """The world for a plan.  Works and targets that were not recorded are as the others in the mean."""
        systems: defaultdict[str, dict[str, Stream]] = defaultdict(dict)
        recorded: dict[tuple[str, str], tuple[Arrival, ...]] = {}
        for source, word, traces in self._works(plan):
            systems[source][word] = self.stream(traces)
            recorded[source, word] = tuple(arrivals(traces, self.first))
        return Nature(
            systems={
                name: System(work=work, outages=self.outages(self._asking(name)))
                for name, work in systems.items()
            },
            sites={name: self.site(name, queues) for name, queues in by_place(plan).items()},
            recorded=recorded,
        )

    def stream(self, traces: Collection[Trace]) -> Stream:
        """The jobs of one work, as far as no arrivals tell: how long they run, and what the site is."""
        times = [seconds for trace in traces for seconds in trace.run_times]
        spells = [
            StatusSpell(
                after=timedelta(seconds=max(0.0, begin - self.first)),
                lasts=timedelta(seconds=end - begin),
                status=Condition(status.value),
            )
            for trace in list(traces)[:1]
            for begin, end, status in statuses(trace)
        ]
        return Stream(run_time=spread(times or self.all_times), status=tuple(spells))

    def site(self, name: str, queues: Collection[Queue]) -> Setup:
        """The laws of one target."""
        mine = [trace for queue, trace in self.traces.items() if self.places.get(queue) == name]
        there = mine or list(self.traces.values())
        started = sum(trace.started for trace in there)
        waited = sum(trace.waited for trace in there)
        times = [seconds for trace in there for seconds in trace.run_times]
        take_jobs = any(queue.source.name != NO_SOURCE for queue in queues)
        return Setup(
            slots=max(1, most_at_once(there)),
            queue_delay=Spread(
                mean=timedelta(seconds=waited / started) if started else AT_ONCE, shape=Shape.EXPONENTIAL
            ),
            run_time=ONE_JOB if take_jobs else spread(times or self.all_times),
            outages=self.outages([trace.asked_target for trace in mine]),
            **hold_laws(there),
        )

    def outages(self, asked: Iterable[Sequence[Sight]]) -> tuple[Outage, ...]:
        """When a section that was asked so did not answer; what is not recorded is always there."""
        return tuple(
            Outage(after=timedelta(seconds=begin - self.first), lasts=timedelta(seconds=end - begin))
            for begin, end in find_outages(chain.from_iterable(asked))
        )

    def _asking(self, source: str) -> list[Sequence[Sight]]:
        return [trace.asked_source for trace in self.traces.values() if trace.source == source]

    def _works(self, plan: Plan) -> Iterator[tuple[str, str, list[Trace]]]:
        """Every work by source and name, with the traces of the queues that serve it."""
        for name, section in plan.sources.items():
            queues = [queue for queue in plan.queues.values() if queue.source is section]
            if name == NO_SOURCE:
                continue
            for work, word in name_works(queues).items():
                serving = [queue.name for queue in queues if queue.work == work]
                yield name, word, [self.traces[queue] for queue in serving if queue in self.traces]


def hold_laws(traces: Collection[Trace]) -> dict[str, Any]:
    """Which share of the pilots that should have run was held, and how long."""
    holds, started = (sum(getattr(trace, name) for trace in traces) for name in ("holds", "started"))
    if not holds:
        return {}
    seconds = sum(trace.held for trace in traces) / holds
    return {"holds": min(1.0, holds / max(started, holds)), "held_for": timedelta(seconds=seconds)}


def by_place(plan: Plan) -> dict[str, list[Queue]]:
    """The queues of a plan by where their pilots really are."""
    found: dict[str, list[Queue]] = {}
    for queue in plan.queues.values():
        recipe = plan.recipes["target", queue.target.name]
        assert isinstance(recipe, Recipe)
        found.setdefault(innermost(recipe).place.section, []).append(queue)
    return found


def spread(times: Iterable[float]) -> Spread:
    """Times whose mean and whose scatter, of the logarithm, are those of `times`."""
    known = list(times)
    sigma = statistics.pstdev(map(math.log, known))
    return Spread(
        mean=timedelta(seconds=statistics.fmean(known)), shape=Shape.LOGNORMAL, sigma=min(WIDEST, sigma)
    )


def most_at_once(traces: Collection[Trace]) -> int:
    """The most pilots of these queues that ran at the same time."""
    readings = sorted((point.wall, trace.queue, point.running) for trace in traces for point in trace.points)
    running: dict[str, int] = {}
    most = total = 0
    for _, queue, count in readings:
        total += count - running.get(queue, 0)
        running[queue] = count
        most = max(most, total)
    return most


def arrivals(traces: Sequence[Trace], first: float) -> Iterator[Arrival]:
    """When jobs of one work came, and how many, in seconds from `first`, as the first queue saw them.

    Work that waits at first is there at once.  From one reading to the next as many came as there are more
    of, and as pilots ended meanwhile; what a reading has too few of, the next ones have to make up for.
    """
    readings = levels(traces[0]) if traces else []
    ends = sorted(end for trace in traces for end in trace.ends())
    for wall, ready, _ in readings[:1]:
        yield wall - first, ready
    balance = 0
    for (since, _, before), (wall, _, now) in pairwise(readings):
        balance += now - before + bisect_right(ends, wall) - bisect_right(ends, since)
        if balance > 0:
            yield wall - first, balance
            balance = 0


def levels(trace: Trace) -> list[tuple[float, int, int]]:
    """Of each reading its time, the jobs that wait, and those that wait or run.

    Where the source knows nothing of running jobs, those are the running pilots.
    """
    known = [(point, point.work) for point in trace.points if point.work is not None]
    knows = any(work.running for _, work in known)
    return [
        (point.wall, work.ready, work.ready + (work.running if knows else point.running))
        for point, work in known
    ]
