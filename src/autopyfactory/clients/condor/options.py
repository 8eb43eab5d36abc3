"""The options by which a section names its schedd, and a pilot its job."""

from collections.abc import Collection
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, model_validator

from autopyfactory.clients.condor.fields import Commands, Executable, File, Name, Variables, Word
from autopyfactory.clients.condor.grid import Ec2
from autopyfactory.clients.condor.identity import Identity
from autopyfactory.clients.condor.kinds import Grid
from autopyfactory.clients.condor.patience import Patience
from autopyfactory.clients.condor.security import Security
from autopyfactory.clients.condor.words import canonical
from autopyfactory.options import Duration, Options, Positive, Size


class Contact(Options):
    """Which schedd."""

    collector: Name = ""
    """Collector that knows the schedd, 'host:port'; by default that of the HTCondor configuration."""
    schedd: Name = ""
    """Name of the schedd; by default the one of this machine, or the only one that `collector` knows."""
    config: File | None = None
    """HTCondor configuration to use instead of CONDOR_CONFIG or /etc/condor/condor_config."""
    security: Security | None = None
    """As whom we come to this schedd; by default as the HTCondor configuration says."""
    credential: str | None = None
    """The idtoken that says as whom we come, by its section's name; in place of `security`."""

    @model_validator(mode="after")
    def check_security(self) -> Self:
        """One of the two says as whom we come."""
        if self.credential is not None and self.security is not None:
            raise ValueError("credential and security exclude each other; take one away")
        return self

    @property
    def identity(self) -> Identity:
        """What sections that speak to the same schedd in the same way have in common."""
        return Identity(
            collector=self.collector,
            schedd=self.schedd,
            config=str(self.config) if self.config else "",
            settings=self.security.settings if self.security else (),
        )


class Universe(StrEnum):
    """What HTCondor does with a pilot: run it in its own pool, or hand it on."""

    VANILLA = "vanilla"
    GRID = "grid"


def check_time(time: timedelta) -> timedelta:
    """More than nothing."""
    if not time:
        raise ValueError("a pilot that may run for 0 s cannot run")
    return time


class Job(Patience):
    """What a pilot is at HTCondor."""

    executable: Executable | None = None
    """Absolute path of the program that is the pilot; only machines of grid kind 'ec2' need none."""
    arguments: tuple[Word, ...] = ()
    """Its arguments, a list of words; each arrives as it is written, whatever characters it holds."""
    environment: Variables = ()
    """Environment variables of the pilot; values arrive as they are written."""
    memory: Size | None = None
    """Memory of one pilot, all its cores together ('16GB'); by default as schedd and site are configured."""
    disk: Size | None = None
    """Disk to ask for ('10GB'); by default as the schedd is configured.  ARC and EC2 are not told."""
    wall_time: Annotated[Duration, AfterValidator(check_time)] | None = None
    """How long a pilot may run, as the grid kind is told ('2d'); by default as the site has it."""
    universe: Universe | None = None
    """'grid' where `grid` is set, else 'vanilla'; need not be written."""
    grid: Grid | None = None
    """Where HTCondor hands pilots on to: { kind = 'condor' | 'arc' | 'batch' | 'ec2', ... }."""
    max_idle: Positive | None = None
    """Late materialization: the schedd makes jobs of a submission while fewer than so many of them wait."""
    submit: Commands = ()
    """Raw submit commands, {'+ProjectName' = '"x"'}; they win over everything that the factory writes."""

    @model_validator(mode="after")
    def check_submit(self) -> Self:
        """What is not for raw commands: the marks of the factory, and a universe that has options here."""
        for name, value in self.submit:
            if canonical(name) in MARKS:
                raise ValueError(f"submit command {name!r}: by this attribute the factory knows its pilots")
            if canonical(name) in LATE:
                raise ValueError(
                    f"submit command {name!r}: set the option max_idle instead, which counts its pilots"
                )
            if canonical(name) == "universe" and value.strip().lower() in GRID_UNIVERSE:
                raise ValueError(
                    f"submit command 'universe = {value}': set the option grid = {{ kind = ... }} instead"
                )
        return self

    @model_validator(mode="after")
    def check_universe(self) -> Self:
        """The universe is what `grid` says, and each has what it needs."""
        if self.universe is Universe.GRID and self.grid is None:
            raise ValueError("universe = 'grid' wants to know where to: set grid = { kind = ... }")
        if self.universe is Universe.VANILLA and self.grid is not None:
            raise ValueError("universe = 'vanilla' and grid = {...} exclude each other; take one away")
        if isinstance(self.grid, Ec2):
            self._check_machine()
        elif self.executable is None:
            raise ValueError("executable is missing; it wants the absolute path of the pilot's program")
        if self.grid is None and self.wall_time is not None:
            raise ValueError(
                "wall_time means something for grid pilots only; in a pool of HTCondor's own write"
                " submit = { allowed_execute_duration = 'SECONDS' }"
            )
        return self

    @model_validator(mode="after")
    def check_words(self) -> Self:
        """What a site would make something else of is refused: words arrive as they are written."""
        if self.grid is None:
            return self
        for word in self.arguments:
            self._check_word("an argument", word, self.grid.garbled)
        for name, value in self.environment:
            self._check_word(f"variable {name}", value, self.grid.garbled_variables)
        return self

    def _check_word(self, title: str, word: str, garbled: Collection[str]) -> None:
        found = next((part for part in garbled if part in word), None)
        if found is not None and self.grid is not None:
            raise ValueError(
                f"{title}, {word!r}: grid kind '{self.grid.kind}' cannot pass on {found!r} as it is written;"
                " let the executable write it"
            )

    def _check_machine(self) -> None:
        """A virtual machine is told nothing but its user data."""
        for name in ("arguments", "environment", "wall_time"):
            if getattr(self, name):
                raise ValueError(
                    f"{name} does not reach a machine of grid kind 'ec2'; write it into its user_data"
                )


MARKS = {"my.apf_factory", "my.apf_tag", "my.match_apf_queue", "my.apf_count"}
LATE = {"max_idle", "materialize_max_idle", "max_materialize"}
GRID_UNIVERSE = {"grid", "globus", "9"}
