"""Scenarios: a file that says how a world behaves, and the configuration that is tried in it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, cast

from pydantic import Field

from autopyfactory.app.assembly.assemble import assemble
from autopyfactory.app.assembly.problems import Findings
from autopyfactory.app.assembly.recipes import Recipe, names
from autopyfactory.app.assembly.validation import check
from autopyfactory.app.assembly.words import missed, show
from autopyfactory.app.assembly.workshop import NO_SOURCE
from autopyfactory.app.catalog.catalogs import read_whole
from autopyfactory.app.engine import WrongConfig
from autopyfactory.app.simulation.clock import START
from autopyfactory.app.simulation.play import Play
from autopyfactory.app.simulation.stage import Nature
from autopyfactory.clients.simulation.simulator import Setup
from autopyfactory.clients.simulation.workload import System
from autopyfactory.clock import VirtualClock
from autopyfactory.configs.toml import read_file
from autopyfactory.configuration import Configuration, Entry
from autopyfactory.errors import ConfigError
from autopyfactory.fleet import Fleet
from autopyfactory.ledger import Ledger
from autopyfactory.options import Count, Duration, Location, Options
from autopyfactory.plan import Plan
from autopyfactory.sections import Process
from autopyfactory.worker import Inline

SHIPPED = Path(str(files("autopyfactory"))) / "scenarios"
LAWS: Mapping[str, type[Options]] = {"source": System, "target": Setup}
SECTION = "scenario"
UNNAMED: Mapping[str, Any] = {"id": "simulated", "state": "simulated"}  # [factory], which nobody has to write


class ScenarioSettings(Options):
    """The section `[scenario]`."""

    about: str = ""
    """What is tried, in a sentence."""
    duration: Annotated[Duration, Field(gt=timedelta(0))]
    """How much time is played."""
    seed: Count = 0
    """What all chance comes from."""
    config: Location | None = None
    """The configuration that is tried, unless it stands in this file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A configuration and the world in which it is tried."""

    name: str
    settings: ScenarioSettings
    configuration: Configuration
    laws: Mapping[Entry, Options]
    """How sources and targets of another file behave; those of this file have their laws as options."""

    def changed(self, *, seed: int | None, duration: timedelta | None) -> "Scenario":
        """The same with another seed or duration, where one is given."""
        given = {"seed": seed, "duration": duration}
        update = {name: value for name, value in given.items() if value is not None}
        return replace(self, settings=self.settings.model_copy(update=update))

    def play(self) -> Play:
        """All that is needed to play it, from the beginning.  `ConfigError` says what is missing."""
        return put_on(self.configuration, VirtualClock(START), self._nature)

    def _nature(self, plan: Plan) -> Nature:
        there = [entry for entry in plan.recipes if entry[0] in LAWS]
        for word, name in self.laws:
            if (word, name) not in there:
                names_there = [other for kind, other in there if kind == word and other != NO_SOURCE]
                raise ConfigError(
                    f"{self.name}: no {word} '{name}' in {self.settings.config}; {missed(name, names_there)}"
                )
        own = {entry: cast(Recipe, plan.recipes[entry]).options for entry in there}
        laws = {**own, **self.laws}
        return Nature(
            seed=self.settings.seed,
            systems={entry[1]: law for entry, law in laws.items() if isinstance(law, System)},
            sites={entry[1]: law for entry, law in laws.items() if isinstance(law, Setup)},
        )


def put_on(configuration: Mapping[str, Any], clock: VirtualClock, nature: Callable[[Plan], Nature]) -> Play:
    """A configuration in a world of some nature.  `WrongConfig` names everything that is wrong with it."""
    process = Process(clock=clock.read, fleet=Fleet(), ledger=Ledger(), worker=Inline)
    assembly = assemble(configuration, process)
    if assembly.plan is None or assembly.problems:
        raise WrongConfig(assembly.problems)
    plan = without_credentials(assembly.plan)
    return Play(plan, process, clock, nature(plan))


def without_credentials(plan: Plan) -> Plan:
    """The plan for a world in which nobody is asked who he is."""
    return replace(plan, queues={name: replace(queue, credentials=()) for name, queue in plan.queues.items()})


def shipped() -> dict[str, Path]:
    """The scenarios that come with the program, by name."""
    return {path.stem: path for path in sorted(SHIPPED.glob("*.toml"))}


def find(name: str) -> Path:
    """The file of a scenario: a path, or the name of one that comes with the program."""
    path, known = Path(name), shipped()
    if name in known and not path.is_file():
        return known[name]
    if path.suffix == ".toml" or path.exists():
        return path
    raise ConfigError(f"no scenario '{name}'; {missed(name, known)}")


def read(path: Path) -> Scenario:
    """Read a scenario.  `WrongConfig` names everything that is wrong with what is no configuration."""
    whole = Configuration.join([(str(path), read_file(path))], name=str(path), folder=path.parent.absolute())
    findings = Findings(whole)
    settings = read_settings(findings)
    laws = dict(read_laws(findings)) if settings and settings.config else {}
    if settings is None or any(findings):
        raise WrongConfig(findings)
    rest = {name: table for name, table in whole.items() if name != "scenario"}
    configuration = replace(whole, tables={"factory": UNNAMED, **rest})
    if settings.config:
        configuration = read_whole(settings.config)
    return Scenario(name=str(path), settings=settings, configuration=configuration, laws=laws)


def read_settings(findings: Findings) -> ScenarioSettings | None:
    """The section `[scenario]`; None if it is wrong."""
    table = findings.configuration.get(SECTION)
    if not isinstance(table, Mapping):
        missing = "is missing; begin with [scenario] and duration = '12h'"
        findings.add((SECTION,), (), missing if table is None else f"must be a table; found {show(table)}")
        return None
    checked = check(ScenarioSettings, table, findings.configuration.folder)
    for complaint in checked.complaints:
        findings.add((SECTION,), complaint.path, complaint.text)
    settings: ScenarioSettings | None = checked.value
    if settings and settings.config:
        for key in findings.configuration.keys() - {SECTION, *LAWS}:
            findings.add((key,), (), f"does not belong here: the configuration is {settings.config}")
    return settings


def read_laws(findings: Findings) -> Iterator[tuple[Entry, Options]]:
    """How every source and target behaves, as its table says."""
    for word, model in LAWS.items():
        for name in names(findings.configuration, word):
            table = findings.configuration[word][name]
            if not isinstance(table, Mapping):
                findings.add((word, name), (), f"must be a table; found {show(table)}")
                continue
            checked = check(model, table, findings.configuration.folder)
            for complaint in checked.complaints:
                findings.add((word, name), complaint.path, complaint.text)
            if checked.value is not None:
                yield (word, name), checked.value
