"""Arrivals: when the jobs of one work come, and what each of them takes."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from enum import StrEnum
from heapq import merge
from random import Random
from typing import Annotated

from pydantic import Field

from autopyfactory.clients.simulation.chance import Spread
from autopyfactory.clients.simulation.spells import Spell
from autopyfactory.options import Count, Duration, Location, Options, Positive

SHORTEST = timedelta(seconds=1)
Arrival = tuple[float, int]  # seconds from the start, jobs


class Rhythm(StrEnum):
    """How the jobs of a steady stream follow one another."""

    POISSON = "poisson"
    EVEN = "even"


class Burst(Options):
    """Many jobs at once."""

    after: Duration
    """When they come, counted from the start."""
    jobs: Count
    """How many."""
    every: Duration | None = Field(default=None, ge=SHORTEST)
    """After what time as many come again."""


class Condition(StrEnum):
    """What a site may be, other than online."""

    TEST = "test"
    OFFLINE = "offline"
    BROKEROFF = "brokeroff"


class StatusSpell(Spell):
    """A time in which the site is not online."""

    status: Condition
    """What it is then."""


class Stream(Options):
    """The jobs of one work; what is named here comes together."""

    waiting: Count = 0
    """Jobs that wait at the start."""
    per_hour: Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False)] = 0.0
    """Jobs that come in an hour, in the mean."""
    rhythm: Rhythm = Rhythm.POISSON
    """Whether they come by chance, 'poisson', or one after the other in equal times, 'even'."""
    bursts: tuple[Burst, ...] = ()
    """Jobs that come all at once."""
    trace: Location | None = None
    """A recorded stream: a file with lines 'SECONDS,JOBS', counted from the start."""
    run_time: Spread = Spread(mean=timedelta(minutes=20))
    """How long a job runs."""
    cores: Positive = 1
    """Cores that a job needs; a pilot takes it all the same."""
    status: tuple[StatusSpell, ...] = ()
    """When the site is not online; of several at once, the first counts."""


def arrivals(stream: Stream, random: Random, recorded: Iterable[Arrival] = ()) -> Iterator[Arrival]:
    """All arrivals in order, without end where the stream has none; `recorded` ones are sorted."""
    parts: list[Iterable[Arrival]] = [recorded, steady(stream, random)]
    parts += [again(burst) for burst in stream.bursts]
    return merge([(0.0, stream.waiting)] if stream.waiting else [], *parts)


def steady(stream: Stream, random: Random) -> Iterator[Arrival]:
    """One job after the other, at the stream's rate."""
    moment, rate = 0.0, stream.per_hour / 3600
    while rate > 0:
        moment += random.expovariate(rate) if stream.rhythm is Rhythm.POISSON else 1 / rate
        yield moment, 1


def again(burst: Burst) -> Iterator[Arrival]:
    """A burst, and its repetitions."""
    moment = burst.after.total_seconds()
    yield moment, burst.jobs
    while burst.every is not None:
        moment += burst.every.total_seconds()
        yield moment, burst.jobs
