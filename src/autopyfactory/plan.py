"""A plan: everything the factory shall run, made from one reading of the configuration."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from autopyfactory.configuration import Configuration, Problem
from autopyfactory.cycle import Queue
from autopyfactory.options import Days, Duration, FactoryLimits, Flag, Location, Options, Size
from autopyfactory.ports import Catalog, Monitor
from autopyfactory.proofs import Proofs
from autopyfactory.sections import Demands, Section, Supplies

NAME = r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}"  # of queues, sections and the factory itself


class Level(StrEnum):
    """How much the log tells."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class FactorySettings(Options):
    """The section `[factory]`."""

    id: Annotated[str, Field(pattern=f"^{NAME}$")]
    """Unique name of this factory; every pilot carries it, and only its own are counted and retired."""
    state: Location | None = None
    """Folder for lock, control socket and the ledger; unset: below $XDG_STATE_HOME/autopyfactory."""
    logs: Location | None = None
    """Folder of pilot logs; unset: `logs` in the state folder."""
    url: str = ""
    """Where the folder of pilot logs is published."""
    keep_days: Days | None = None
    """Days that the logs of ended pilots are kept; unset: for ever.  A queue may say else."""
    keep_bytes: Annotated[Size, Field(ge=1)] | None = None
    """Size of all pilot logs above which those of ended pilots go, the oldest first; unset: none."""
    history: Flag = True
    """Whether every cycle is kept in the state folder, for `apf explain`, `history` and `diff`."""
    log: str = "stderr"
    """Where the daemon's own log goes: 'stderr', 'journal' or the path of a file, with a '/' in it."""
    log_level: Level = Level.INFO
    """How much the log tells."""
    grace: Duration = timedelta(seconds=10)
    """How long a stop may take."""
    guard: FactoryLimits = FactoryLimits()
    """Limits over all targets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongQueue:
    """A queue that cannot be run, and why; what it names may be wrong, too."""

    problems: tuple[Problem, ...]
    source: str | None = None
    target: str | None = None
    interval: float | None = None  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What one configuration comes to: its queues, and those that are wrong, `failed`, or switched off."""

    settings: FactorySettings
    queues: Mapping[str, Queue]
    failed: Mapping[str, WrongQueue] = field(default_factory=dict)
    disabled: tuple[str, ...] = ()
    sources: Mapping[str, Demands] = field(default_factory=dict)
    targets: Mapping[str, Supplies] = field(default_factory=dict)
    credentials: Mapping[str, Proofs] = field(default_factory=dict)
    monitors: Mapping[str, Monitor] = field(default_factory=dict)
    catalogs: Mapping[str, Catalog] = field(default_factory=dict)
    keep_days: Mapping[str, int] = field(default_factory=dict)
    """Days that the logs of single queues are kept, where that is not as `settings` say."""
    warnings: tuple[Problem, ...] = ()
    recipes: Mapping[tuple[str, ...], object] = field(default_factory=dict)
    """Of what each section was made, ("target", "ce01"): one made of the same is kept at a reload."""
    configuration: Configuration = field(default_factory=lambda: Configuration(tables={}))
    """What it was made of."""

    def sections(self) -> list[Section]:
        """All sources and targets, and then the credentials that they may use."""
        return [*self.sources.values(), *self.targets.values(), *self.credentials.values()]
