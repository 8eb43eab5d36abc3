"""Plug-ins as strangers write them, good and bad, and a way to declare them for one test."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Annotated, Any, ClassVar

import pytest
from pydantic import AfterValidator, Field

from autopyfactory.app import registry
from autopyfactory.errors import ConfigError
from autopyfactory.model import CredentialType, Demand, Need, Observation, Order, Place, Proof, Report, Supply
from autopyfactory.options import (
    Count,
    CredentialSection,
    Options,
    PilotOptions,
    SourceSection,
    TargetSection,
)
from autopyfactory.ports import Prover, Target
from autopyfactory.rule import Rule


def explode(_: int) -> int:
    raise KeyError("a stranger's validator")


class Work(Options):
    """What a stranger's source selects by."""

    site: str
    """The site."""
    labels: tuple[str, ...] = ()
    """Its labels."""


class SectionOptions(SourceSection):
    """A stranger's section."""

    color: Annotated[str, Field(min_length=2)] = "red"
    """Of the section."""


class Source:
    """Knows all that a source can know."""

    options: ClassVar[type[SectionOptions]] = SectionOptions
    work: ClassVar[type[Work]] = Work
    gives: ClassVar[frozenset[Need]] = frozenset({Need.DEMAND, Need.STATUS})

    def __init__(self, options: SectionOptions, place: Place) -> None:
        self.section = options
        self.place = place

    def demand(self, works: Collection[Work]) -> Mapping[Work, Demand]:
        return {work: Demand() for work in works}


class Pilot(PilotOptions):
    """A stranger's pilot."""

    program: str
    """What it runs."""
    words: dict[str, int] = Field(default_factory=dict)
    """Makes it a value that cannot be shared, when it is set."""
    fuse: Annotated[int, AfterValidator(explode)] = 0
    """Never to be lit."""

    def __hash__(self) -> int:
        return hash((self.program, *self.words)) if not self.words else hash(self.words)


class SimpleTarget:
    """Knows nothing but counts, and refuses the program 'bomb'."""

    options: ClassVar[type[TargetSection]] = TargetSection
    pilot: ClassVar[type[Pilot]] = Pilot
    gives: ClassVar[frozenset[Need]] = frozenset()

    def __init__(self, options: TargetSection, place: Place) -> None:
        self.section = options
        self.place = place

    def check(self, pilot: Pilot) -> None:
        if pilot.program == "bomb":
            raise ConfigError("program 'bomb' is not for this target")

    def supply(self, queues: Collection[str]) -> Mapping[str, Supply]:
        return {queue: Supply() for queue in queues}

    def tagged(self, _tags: Collection[str]) -> Mapping[str, int]:
        return {}

    def submit(self, _order: Order[Pilot]) -> Sequence[str]:
        return ()

    def retire(self, _queue: str, _count: int) -> Sequence[str]:
        return ()


class WrappingOptions(TargetSection):
    """A stranger's wrapper."""

    around: str
    """The target within."""


class Wrapping(SimpleTarget):
    """Puts something around a target."""

    options: ClassVar[type[WrappingOptions]] = WrappingOptions
    wraps: ClassVar[str] = "around"

    def __init__(self, options: WrappingOptions, place: Place, inner: Target[Any]) -> None:
        super().__init__(options, place)
        self.inner = inner
        self.pilot = inner.pilot  # type: ignore[misc]  # as every wrapper has it


class Breaking(SimpleTarget):
    """Cannot be made."""

    def __init__(self, options: TargetSection, place: Place) -> None:
        super().__init__(options, place)
        raise OSError("no such device")


class Refusing(SimpleTarget):
    """Does not want to be made, and says why."""

    def __init__(self, options: TargetSection, place: Place) -> None:
        super().__init__(options, place)
        raise ConfigError("this machine has no such thing")


class Improper(SimpleTarget):
    """Its pilot is no option model."""

    pilot: ClassVar[Any] = int


class Optionless:
    """Lacks `options`."""


class ProvingOptions(SourceSection):
    """A stranger's source that proves who it is."""

    credentials: tuple[str, ...] = ()
    """The preferred one first."""


class Proving(Source):
    """Is handed credentials."""

    options: ClassVar[type[ProvingOptions]] = ProvingOptions  # type: ignore[assignment]
    proves: ClassVar[str] = "credentials"

    def __init__(self, options: ProvingOptions, place: Place, credentials: Sequence[Prover]) -> None:
        super().__init__(options, place)  # type: ignore[arg-type]
        self.credentials = credentials


class ProvingTargetOptions(TargetSection):
    """A stranger's target that proves who it is."""

    credential: str = ""
    """One."""


class ProvingTarget(SimpleTarget):
    """Is handed a credential, and gives its pilots tokens."""

    options: ClassVar[type[ProvingTargetOptions]] = ProvingTargetOptions
    proves: ClassVar[str] = "credential"
    takes: ClassVar[frozenset[CredentialType]] = frozenset({CredentialType.TOKEN})

    def __init__(self, options: ProvingTargetOptions, place: Place, credentials: Sequence[Prover]) -> None:
        super().__init__(options, place)
        self.credentials = credentials


class KeyOptions(CredentialSection):
    """A stranger's credential."""

    fits: bool = True
    """Whether it can be made."""


class Key:
    """Proves something."""

    options: ClassVar[type[KeyOptions]] = KeyOptions
    type: ClassVar[Any] = CredentialType.TOKEN

    def __init__(self, options: KeyOptions, place: Place) -> None:
        self.place = place
        if not options.fits:
            raise ConfigError("this key does not fit")

    def proof(self) -> Proof:
        return Proof(path=Path("/key"))

    def renew(self) -> None:
        """It lasts."""


class Proxy(Key):
    """Is of the other type."""

    type: ClassVar[Any] = CredentialType.X509


class KeeperOptions(CredentialSection):
    """A stranger's credential that lies somewhere."""

    path: Path
    """Where."""


class Keeper(Key):
    """Writes its file, and another one that has no option."""

    options: ClassVar[type[Any]] = KeeperOptions

    def __init__(self, options: KeeperOptions, place: Place) -> None:
        self.keeps = (options.path, Path("/home") / options.path.name)


class Typeless(Key):
    """Does not say what it is."""

    type: ClassVar[Any] = "key"


class Quiet:
    """A monitor."""

    options: ClassVar[type[Options]] = Options

    def __init__(self, options: Options, place: Place) -> None:
        self.place = place

    def record(self, report: Report) -> None:
        """Forget it."""


@dataclass(frozen=True)
class Plain:
    """A policy that is nothing but a dataclass."""

    needs: ClassVar[frozenset[Need]] = frozenset({Need.IDLE})
    cap: ClassVar[bool] = True
    limit: Count = 1

    def __call__(self, count: int, _seen: Observation, /) -> int:
        return min(count, self.limit)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Failing(Rule):
    """A policy that fails."""

    def __call__(self, _count: int, _seen: Observation, /) -> int:
        raise ZeroDivisionError("a stranger's mistake")


@dataclass(frozen=True)
class Brittle(Plain):
    """A cap that fails at numbers above 15."""

    def __call__(self, count: int, _seen: Observation, /) -> int:
        if max(count, self.limit) > 15:
            raise OverflowError("a stranger's mistake")
        return min(count, self.limit)


@dataclass(frozen=True)
class Unreadable:
    """A policy whose options nobody can read."""

    needs: ClassVar[frozenset[Need]] = frozenset()
    cap: ClassVar[bool] = False
    what: Source

    def __call__(self, count: int, _seen: Observation, /) -> int:
        return count


def number() -> int:
    """No plug-in at all."""
    return 1


DECLARED = {
    "policies": {
        "plain": "strangers:Plain",
        "failing": "strangers:Failing",
        "brittle": "strangers:Brittle",
        "unreadable": "strangers:Unreadable",
        "optionless": "strangers:Optionless",
        "number": "strangers:number",
    },
    "sources": {
        "rich": "strangers:Source",
        "optionless": "strangers:Optionless",
        "proving": "strangers:Proving",
    },
    "targets": {
        "simple": "strangers:SimpleTarget",
        "proving": "strangers:ProvingTarget",
        "wrapping": "strangers:Wrapping",
        "breaking": "strangers:Breaking",
        "refusing": "strangers:Refusing",
        "improper": "strangers:Improper",
        "absent": "strangers:NoSuchClass",
        "lost": "no_such_library.targets:Lost",
    },
    "monitors": {"quiet": "strangers:Quiet"},
    "credentials": {
        "key": "strangers:Key",
        "proxy": "strangers:Proxy",
        "keeper": "strangers:Keeper",
        "typeless": "strangers:Typeless",
        "optionless": "strangers:Optionless",
    },
}


def declare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the registry find them beside ours, until the test ends."""
    ours = registry.entries

    def entries(group: str) -> Mapping[str, EntryPoint]:
        theirs = DECLARED.get(group, {})
        points = {kind: EntryPoint(kind, value, f"autopyfactory.{group}") for kind, value in theirs.items()}
        return {**ours(group), **points}

    monkeypatch.setattr(registry, "entries", entries)
