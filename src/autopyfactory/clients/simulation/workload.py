"""The workload: all works at a place, and what a workload management system tells of them."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from random import Random
from typing import NamedTuple

from pydantic import Field

from autopyfactory.clients.simulation.agenda import Agenda
from autopyfactory.clients.simulation.arrivals import Arrival, Stream, arrivals
from autopyfactory.clients.simulation.jobs import Jobs
from autopyfactory.clients.simulation.spells import Outage
from autopyfactory.clients.simulation.trace import read_trace
from autopyfactory.options import Duration, Options

ANY = "*"  # the stream of every work that has none of its own


class System(Options):
    """How the simulated workload management system behaves."""

    work: dict[str, Stream] = Field(default_factory=dict)
    """The jobs of every work, by its name; those of '*' come for every name that is not there."""
    behind: Duration = timedelta(0)
    """How old the counts are that it tells; `lag` is what the factory knows of it."""
    outages: tuple[Outage, ...] = ()
    """When it does not answer, counted from the start of the simulator."""

    def __hash__(self) -> int:
        """As of all options, though a table is among them."""
        return hash(self.model_dump_json())

    def stream(self, name: str) -> Stream | None:
        """The jobs of one work; None where there are none."""
        return self.work.get(name, self.work.get(ANY))


class Told(NamedTuple):
    """The jobs of one work, as they are told; `status` is empty for a site that is online."""

    ready: int
    running: int
    cores: int  # of each job
    status: str


class Workload:
    """The jobs of all works by name.  They come from `born` on, as seed and name want it."""

    def __init__(self, agenda: Agenda, seed: int | str, born: float) -> None:
        self.jobs: dict[str, Jobs] = {}
        self._agenda = agenda
        self._seed = seed
        self._born = born
        self._streams: dict[str, Stream] = {}

    def expect(self, name: str, stream: Stream, behind: float, recorded: Collection[Arrival] = ()) -> Jobs:
        """Let the jobs of a work come, as the first call for it says.

        What is told of them is `behind` seconds old.  Raises `ConfigError` when the recorded stream that
        it names cannot be read.
        """
        if name not in self.jobs:
            recorded = recorded or (read_trace(stream.trace) if stream.trace else ())
            jobs = Jobs(self._agenda, Random(f"{self._seed} job {name}"), stream.run_time, behind)  # noqa: S311
            chance = Random(f"{self._seed} arrival {name}")  # noqa: S311
            jobs.expect(self._born, arrivals(stream, chance, recorded))
            self.jobs[name], self._streams[name] = jobs, stream
        return self.jobs[name]

    def tell(self, now: float, names: Collection[str]) -> Mapping[str, Told]:
        """What is known of works at `now`; those that nobody expects are left out."""
        self._agenda.advance(now)
        age = self._agenda.now - self._born
        known = {name: self._streams[name] for name in names if name in self._streams}
        return {
            name: Told(*self.jobs[name].counted(), stream.cores, status(stream, age))
            for name, stream in known.items()
        }


def status(stream: Stream, age: float) -> str:
    """What the site of a work is, `age` seconds after the start; empty where it is online."""
    for spell in stream.status:
        if spell.left(age) > 0:
            return str(spell.status)
    return ""
