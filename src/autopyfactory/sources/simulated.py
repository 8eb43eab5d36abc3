"""Source `simulated`: work that is none, for the pilots of a target `simulated` (see docs/simulated.md)."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import Field

from autopyfactory.clients.allowance import allow
from autopyfactory.clients.simulation.link import Link, default_socket
from autopyfactory.clients.simulation.workload import System, Told
from autopyfactory.errors import ConfigError
from autopyfactory.model import Demand, Need, Place, SiteStatus
from autopyfactory.options import Options, SourceSection


class SimulatedWork(Options):
    """Whose jobs are a queue's work."""

    name: Annotated[str, Field(min_length=1)]
    """One of the streams of the source."""


class SimulatedSection(SourceSection, System):
    """A simulated workload management system."""

    target: str = ""
    """The target `simulated` whose pilots take the jobs, if it listens where it does by itself."""
    socket: Path | None = None
    """Where that target listens, if it says so."""

    __hash__ = System.__hash__  # pydantic makes one anew for every class, which cannot do it with a table


class SimulatedSource:
    """Asks the simulator that a target `simulated` has started."""

    options: ClassVar[type[SimulatedSection]] = SimulatedSection
    work = SimulatedWork
    gives = frozenset({Need.DEMAND, Need.STATUS})

    def __init__(self, options: SimulatedSection, place: Place) -> None:
        if not options.target and options.socket is None:
            raise ConfigError("target: is missing; name the target 'simulated' whose pilots take the jobs")
        self._factory = place.factory
        self._system = options
        self._manner = {
            "behind": options.behind.total_seconds(),
            "outages": [outage.model_dump(mode="json") for outage in options.outages],
        }
        path = options.socket or default_socket(place.state, options.target)
        self._link = Link(path.absolute(), None, allow(options.timeout))

    def check(self, work: SimulatedWork) -> None:
        """A queue's work is one of the streams."""
        if self._system.stream(work.name) is None:
            known = ", ".join(self._system.work) or "none"
            raise ConfigError(f"name: no work '{work.name}'; the source has {known}")

    def demand(self, works: Collection[SimulatedWork]) -> Mapping[SimulatedWork, Demand]:
        """As the simulator tells it."""
        found = {work.name: self._system.stream(work.name) for work in works}
        streams = {name: stream.model_dump(mode="json") for name, stream in found.items() if stream}
        if not streams:
            return {}
        answer, _ = self._link.ask(do="demand", factory=self._factory, works=streams, **self._manner)
        return {work: describe(Told(*answer[work.name])) for work in works if work.name in answer}

    def close(self) -> None:
        """Hang up."""
        self._link.close(end=False)


def describe(told: Told, as_of: float = 0.0) -> Demand:
    """What is told of a work, as a demand."""
    return Demand(
        ready=told.ready,
        running=told.running,
        ready_cores=told.ready * told.cores,
        running_cores=told.running * told.cores,
        status=SiteStatus(told.status) if told.status else SiteStatus.ONLINE,
        as_of=as_of,
    )
