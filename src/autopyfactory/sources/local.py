"""The waiting jobs of a queue of this machine, as `apf jobs` keeps it."""

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

from autopyfactory.clients.workstation.jobs import DEFAULT_FILE, JobQueue, State, Tally
from autopyfactory.errors import Unavailable
from autopyfactory.model import Demand, Need, Place
from autopyfactory.options import Duration, Options, Positive, SourceSection


class LocalSection(SourceSection):
    """Options of a source of kind `local`."""

    jobs: Path = Path(DEFAULT_FILE)
    """File of the job queue; a relative one lies in the factory's state folder."""
    max_age: Duration = timedelta(seconds=1)
    """How old an answer may be before it is asked anew."""


class LocalWork(Options):
    """Which jobs are a queue's work."""

    label: str | None = None
    """Only jobs of this label; without it, jobs of any."""
    max_cores: Positive | None = None
    """Only jobs that need at most so many cores, which is what a pilot of the queue offers."""


class LocalSource:
    """Counts the jobs of one file, all works in one pass."""

    options: ClassVar[type[LocalSection]] = LocalSection
    work = LocalWork
    gives = frozenset({Need.DEMAND})

    def __init__(self, options: LocalSection, place: Place) -> None:
        self._queue = JobQueue(Path(place.state) / options.jobs)

    def demand(self, works: Collection[LocalWork]) -> Mapping[LocalWork, Demand]:
        """Count after the jobs of dead pilots went back to the queue."""
        if not works:
            return {}
        self._queue.recover()
        tallies = self._queue.counts(states=(State.READY, State.RUNNING))
        return {work: count(work, tallies) for work in works}

    def probe(self) -> list[str]:
        """What keeps it from counting."""
        try:
            self._queue.counts()
        except Unavailable as error:
            return [str(error)]
        return []


def count(work: LocalWork, tallies: Iterable[Tally]) -> Demand:
    """The demand of one work."""
    mine = [
        tally
        for tally in tallies
        if work.label in (None, tally.label) and (work.max_cores is None or tally.cores <= work.max_cores)
    ]
    ready = [tally for tally in mine if tally.state is State.READY]
    running = [tally for tally in mine if tally.state is State.RUNNING]
    return Demand(
        ready=sum(tally.jobs for tally in ready),
        running=sum(tally.jobs for tally in running),
        ready_cores=sum(tally.jobs * tally.cores for tally in ready),
        running_cores=sum(tally.jobs * tally.cores for tally in running),
    )
