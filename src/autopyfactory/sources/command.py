"""Source `command`: work counted by any command, asked in JSON (the protocol is in docs/command.md)."""

from collections.abc import Collection, Mapping
from typing import Any, ClassVar, Literal

from autopyfactory.clients.command import Command, Words, shape
from autopyfactory.errors import FactoryError, Unavailable
from autopyfactory.model import Demand, Need, Place, SiteStatus
from autopyfactory.options import Count, Options, SourceSection, Table


class CommandWork(Options):
    """What the command selects by, in its own words."""

    select: Table = ()
    """Any table of words; the command gets it as it is, numbers as text."""


class CommandSourceOptions(SourceSection):
    """A command that counts work."""

    environment: Table = ()
    """Variables added to the environment."""
    command: Words
    """The program and its arguments; no shell sees them."""
    gives: frozenset[Literal[Need.STATUS]] = frozenset()
    """What its answers hold beyond counts: 'status'."""


class Counted(Options):
    """What the command answers for one work; work whose cores it does not count needs one core each."""

    ready: Count
    running: Count = 0
    held: Count = 0
    ready_cores: Count | None = None
    running_cores: Count | None = None
    held_cores: Count | None = None
    status: SiteStatus | None = None


class Answer(Options):
    """The whole answer; `demand` by the keys of the question."""

    demand: dict[str, Any]


class CommandSource:
    """Asks the command once for the works of all queues."""

    options: ClassVar[type[CommandSourceOptions]] = CommandSourceOptions

    def __init__(self, options: CommandSourceOptions, place: Place) -> None:
        self.work = CommandWork
        self.gives = frozenset({Need.DEMAND, *options.gives})
        self._origin = {"factory": place.factory, "section": place.section}
        self._command = Command(options.command, dict(options.environment), options.timeout)

    def demand(self, works: Collection[CommandWork]) -> Mapping[CommandWork, Demand | Unavailable]:
        """Every asked work has a key of its own; a key that the answer lacks is unknown."""
        keys = {work: f"w{number}" for number, work in enumerate(dict.fromkeys(works), start=1)}
        if not keys:
            return {}
        asked = {key: dict(work.select) for work, key in keys.items()}
        found = self._command.read(Answer, self._question(asked)).demand
        return {work: self._count(found[key], key) for work, key in keys.items() if key in found}

    def probe(self) -> list[str]:
        """Whether the command is there and answers a question about no work."""
        if missing := self._command.missing():
            return missing
        try:
            self._command.read(Answer, self._question({}))
        except FactoryError as error:
            return [str(error)]
        return []

    def close(self) -> None:
        """Kill the command if it runs."""
        self._command.close()

    def _question(self, works: Mapping[str, Mapping[str, str]]) -> Mapping[str, Any]:
        return {"do": "demand", **self._origin, "works": works}

    def _count(self, entry: Any, key: str) -> Demand | Unavailable:
        """One entry; a wrong one harms no other."""
        if isinstance(entry, dict) and "error" in entry:
            return Unavailable(f"{self._command.name}: {entry['error']}")
        try:
            counted = shape(Counted, entry, f"answer of {self._command.name}, demand.{key}")
        except Unavailable as error:
            return error
        return Demand(
            ready=counted.ready,
            running=counted.running,
            held=counted.held,
            ready_cores=first_known(counted.ready_cores, counted.ready),
            running_cores=first_known(counted.running_cores, counted.running),
            held_cores=first_known(counted.held_cores, counted.held),
            status=counted.status if Need.STATUS in self.gives else None,
        )


def first_known(count: int | None, otherwise: int) -> int:
    """The count, if there is one."""
    return otherwise if count is None else count
