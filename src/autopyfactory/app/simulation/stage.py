"""The stage: a plan whose sources and targets are those of a simulated world, and that world."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast

from autopyfactory.app.assembly.recipes import Recipe
from autopyfactory.app.assembly.workshop import NO_SOURCE
from autopyfactory.app.simulation.staged import StagedSource, StagedTarget
from autopyfactory.clients.simulation.agenda import Agenda
from autopyfactory.clients.simulation.arrivals import Arrival
from autopyfactory.clients.simulation.books import Books
from autopyfactory.clients.simulation.jobs import Jobs
from autopyfactory.clients.simulation.simulator import Setup
from autopyfactory.clients.simulation.spells import Spell
from autopyfactory.clients.simulation.workload import System, Workload
from autopyfactory.clients.simulation.world import World
from autopyfactory.cycle import Queue
from autopyfactory.errors import ConfigError
from autopyfactory.model import Clock
from autopyfactory.plan import Plan
from autopyfactory.sources.simulated import SimulatedWork

MARGIN = 60.0  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Nature:
    """The laws of a world, by the names of sources and targets, and the seed of all chance.

    `recorded` are arrivals in seconds from the start, by source and work, for worlds that are made of data.
    """

    seed: int = 0
    systems: Mapping[str, System]
    sites: Mapping[str, Setup]
    recorded: Mapping[tuple[str, str], tuple[Arrival, ...]] = field(default_factory=dict)


class Stage:
    """Sets a plan on a stage: every source and target of it is replaced by one of the world's.

    Raises `ConfigError` for a section without laws, and for a queue whose work nobody brings.
    """

    def __init__(self, plan: Plan, nature: Nature, clock: Clock) -> None:
        self.plan = plan
        self.nature = nature
        self.agenda = Agenda()
        self.worlds: dict[str, World] = {}
        self.workloads: dict[str, Workload] = {}
        self.jobs: dict[str, Jobs] = {}  # by queue; queues that serve the same work have the same ones
        self._clock = clock
        self._born = clock()
        self._recent = memory(plan)
        self.agenda.advance(self._born)
        self._open_worlds()
        for name in plan.sources.keys() - {NO_SOURCE}:
            self._replace_source(name)
        for name, section in plan.targets.items():
            section.plugin = self._target(self._recipe(name))

    def books(self, queue: Queue) -> Books:
        """The pilots of a queue."""
        return self.worlds[self.place(queue)].books((self.plan.settings.id, queue.name))

    def place(self, queue: Queue) -> str:
        """The target at which the pilots of a queue really are, whatever is wrapped around it."""
        return innermost(self._recipe(queue.target.name)).place.section

    def troubles(self, queue: Queue) -> Iterator[Spell]:
        """All that goes wrong for a queue for some time."""
        site = self.nature.sites[self.place(queue)]
        yield from (*site.outages, *site.closed, *site.black_holes)
        if queue.source.name != NO_SOURCE:
            system = self.nature.systems[queue.source.name]
            stream = system.stream(work_name(queue))
            yield from (*system.outages, *(stream.status if stream else ()))

    def _open_worlds(self) -> None:
        seed = self.nature.seed
        for queue in self.plan.queues.values():
            name = self.place(queue)
            laws = self.nature.sites.get(name)
            if laws is None:
                raise ConfigError(f"target '{name}' has no laws: say how it behaves in [target.{name}]")
            if name not in self.worlds:
                self.worlds[name] = World(laws, f"{seed} {name}", born=self._born, agenda=self.agenda)

    def _replace_source(self, name: str) -> None:
        """Let the jobs of all works of a source come, and its queues' pilots take them."""
        section, system = self.plan.sources[name], self.nature.systems.get(name)
        queues = [queue for queue in self.plan.queues.values() if queue.source is section]
        if system is None:
            raise ConfigError(f"source '{name}' has no laws: say which jobs come in [source.{name}.work]")
        self.workloads[name] = workload = Workload(self.agenda, f"{self.nature.seed} {name}", self._born)
        names = name_works(queues)
        for queue in queues:
            word = names[queue.work]
            stream = system.stream(word)
            if stream is None:
                raise ConfigError(f"no jobs come for queue '{queue.name}': add [source.{name}.work.{word}]")
            recorded = self.nature.recorded.get((name, word), ())
            jobs = workload.expect(word, stream, system.behind.total_seconds(), recorded)
            self.jobs[queue.name] = jobs
            self.worlds[self.place(queue)].serve((self.plan.settings.id, queue.name), jobs)
        section.plugin = StagedSource(
            work=section.plugin.work,
            gives=section.plugin.gives,
            system=system,
            workload=workload,
            names=names,
            clock=self._clock,
            born=self._born,
            lag=section.options.lag.total_seconds(),
        )

    def _target(self, recipe: Recipe) -> Any:
        """What stands for a target; a wrapper is a real one, around what stands for the inner one."""
        if recipe.inner is not None:
            return recipe.plugin(recipe.options, recipe.place, self._target(recipe.inner))
        name, original = recipe.place.section, recipe.make(self.plan.credentials)
        return StagedTarget(
            pilot=original.pilot,
            gives=original.gives,
            world=self.worlds[name],
            laws=self.nature.sites[name],
            factory=self.plan.settings.id,
            clock=self._clock,
            born=self._born,
            recent=self._recent,
        )

    def _recipe(self, name: str) -> Recipe:
        return cast(Recipe, self.plan.recipes["target", name])


def innermost(recipe: Recipe) -> Recipe:
    """What all wrappers are around."""
    return recipe if recipe.inner is None else innermost(recipe.inner)


def work_name(queue: Queue) -> str:
    """What the work of a queue is called: as a source `simulated` calls it, else like the queue."""
    return queue.work.name if isinstance(queue.work, SimulatedWork) else queue.name


def name_works(queues: Iterable[Queue]) -> dict[Any, str]:
    """What every work is called that these queues of one source have: as the first of them calls it."""
    names: dict[Any, str] = {}
    for queue in queues:
        names.setdefault(queue.work, work_name(queue))
    return names


def memory(plan: Plan) -> float:
    """Seconds for which the starts of pilots matter: they are compared with the time of the demand."""
    ages = (source.options.max_age + source.options.lag for source in plan.sources.values())
    return max(ages, default=timedelta(0)).total_seconds() + MARGIN
