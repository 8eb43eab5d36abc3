"""Target `command`: pilots kept by any command, asked in JSON (the protocol is in docs/command.md)."""

import time
from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar, Literal

from pydantic import Field, FiniteFloat

from autopyfactory.clients.command import Command, Words, shape
from autopyfactory.errors import FactoryError, Unavailable
from autopyfactory.model import Ended, Need, Order, Place, Supply
from autopyfactory.options import Count, Options, PilotOptions, Table, TargetSection

RECORDS = 1000  # ended pilots kept per queue, the newest


class CommandPilot(PilotOptions):
    """What the command starts, in its own words."""

    settings: Table = ()
    """Any table of words; the command gets it as it is, numbers as text."""


class CommandTargetOptions(TargetSection):
    """A command that keeps pilots."""

    environment: Table = ()
    """Variables added to the environment."""
    command: Words
    """The program and its arguments; no shell sees them."""
    gives: frozenset[Literal[Need.IDLE, Need.ENDED, Need.LIFETIME]] = frozenset()
    """What its answers hold beyond counts: 'idle', 'ended', 'lifetime'."""


class EndedPilot(Options):
    """One ended pilot: `end` in seconds since the epoch, `run_time` in seconds."""

    end: FiniteFloat
    run_time: FiniteFloat = Field(ge=0)
    reason: str = ""


class Counted(Options):
    """What the command answers for one queue; `started` in seconds since the epoch, of running pilots."""

    pending: Count
    running: Count
    held: Count = 0
    retiring: Count = 0
    idle: Count | None = None
    started: tuple[FiniteFloat, ...] = ()
    ended: tuple[EndedPilot, ...] = ()
    lifetime: Count | None = None


class Supplies(Options):
    """The answer to `supply`, by queue; `clock` is the target's own, in seconds since the epoch."""

    supply: dict[str, Any]
    clock: FiniteFloat | None = Field(default=None, gt=0)


class Submitted(Options):
    """The answer to `submit`: identifiers of the pilots accepted."""

    submitted: tuple[str, ...]


class Retired(Options):
    """The answer to `retire`: identifiers of the pilots taken away."""

    retired: tuple[str, ...]


class Tagged(Options):
    """The answer to `tagged`: pilots by tag."""

    tagged: dict[str, Count]


class CommandTarget:
    """Asks the command, with a verb in the question, for all that a target does."""

    options: ClassVar[type[CommandTargetOptions]] = CommandTargetOptions

    def __init__(self, options: CommandTargetOptions, place: Place) -> None:
        self.pilot = CommandPilot
        self.gives = frozenset[Need](options.gives)
        self._origin = {"factory": place.factory, "section": place.section}
        self._logs = place.logs
        self._command = Command(options.command, dict(options.environment), options.timeout)

    def supply(self, queues: Collection[str]) -> Mapping[str, Supply | Unavailable]:
        """A queue that the answer lacks is unknown."""
        if not queues:
            return {}
        answer = self._command.read(Supplies, self._question("supply", queues=sorted(queues)))
        clock = answer.clock or time.time()
        found = answer.supply
        return {queue: self._count(found[queue], queue, clock) for queue in queues if queue in found}

    def tagged(self, tags: Collection[str]) -> Mapping[str, int]:
        """As the command says."""
        if not tags:
            return {}
        return self._command.read(Tagged, self._question("tagged", tags=sorted(tags))).tagged

    def submit(self, order: Order[CommandPilot]) -> Sequence[str]:
        """Uncertain unless the command answers properly; it may have started pilots and failed then."""
        question = self._question(
            "submit",
            queue=order.queue,
            count=order.count,
            tag=order.tag,
            cores=order.pilot.cores,
            settings=dict(order.pilot.settings),
            logs=self._logs,
        )
        return self._identifiers(self._command.read(Submitted, question, acts=True).submitted, order.count)

    def retire(self, queue: str, count: int) -> Sequence[str]:
        """As for `submit`; of no pilots, the command is not even asked."""
        if count <= 0:
            return ()
        question = self._question("retire", queue=queue, count=count)
        return self._identifiers(self._command.read(Retired, question, acts=True).retired, count)

    def probe(self) -> list[str]:
        """Whether the command is there and answers a question about no queue."""
        if missing := self._command.missing():
            return missing
        try:
            self._command.read(Supplies, self._question("supply", queues=[]))
        except FactoryError as error:
            return [str(error)]
        return []

    def close(self) -> None:
        """Kill the command if it runs."""
        self._command.close()

    def _question(self, verb: str, **words: Any) -> Mapping[str, Any]:
        return {"do": verb, **self._origin, **words}

    def _identifiers(self, found: tuple[str, ...], asked: int) -> tuple[str, ...]:
        if len(found) > asked or len(set(found)) < len(found):
            raise Unavailable(
                f"answer of {self._command.name}: {len(found)} identifiers, {len(set(found))} different,"
                f" for {asked} pilots"
            )
        return found

    def _count(self, entry: Any, queue: str, clock: float) -> Supply | Unavailable:
        """One entry; a wrong one harms no other."""
        place = f"answer of {self._command.name}, supply.{queue}"
        if isinstance(entry, dict) and "error" in entry:
            return Unavailable(f"{place}: {entry['error']}")
        try:
            counted = shape(Counted, entry, place)
            self._check(counted, place)
        except Unavailable as error:
            return error
        return self._supply(counted, clock)

    def _check(self, counted: Counted, place: str) -> None:
        """What the configuration says it gives must be there, and in proportion."""
        if Need.IDLE in self.gives and (counted.idle is None or counted.idle > counted.running):
            raise Unavailable(
                f"{place}.idle: {counted.idle} of {counted.running} running, but 'gives' names it"
            )
        if Need.LIFETIME in self.gives and counted.lifetime is None:
            raise Unavailable(f"{place}.lifetime: missing, but 'gives' names it")
        if len(counted.started) > counted.running:
            raise Unavailable(
                f"{place}.started: {len(counted.started)} times of {counted.running} running pilots"
            )

    def _supply(self, counted: Counted, clock: float) -> Supply:
        now = time.monotonic()
        ended = [Ended(end=one.end, run_time=one.run_time, reason=one.reason) for one in counted.ended]
        ended.sort(key=lambda one: one.end)
        return Supply(
            pending=counted.pending,
            running=counted.running,
            held=counted.held,
            retiring=counted.retiring,
            idle=counted.idle if Need.IDLE in self.gives else None,
            starts=tuple(now - max(0.0, clock - start) for start in counted.started),
            ended=tuple(ended[-RECORDS:]) if Need.ENDED in self.gives else (),
            lifetime=counted.lifetime if Need.LIFETIME in self.gives else None,
            clock=clock,
        )
