"""Plug-ins in memory: they do what a test tells them, and note what was asked.

All obey the same four words: `calls` is what was asked, in order; `fail` is raised by every
call; `hang` is an event that every call waits for first; `fails` and `hangs` are the same for one verb.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, ClassVar

from autopyfactory.errors import Unavailable
from autopyfactory.model import Clock, CredentialType, Demand, Ended, Need, Order, Proof, Report, Supply
from autopyfactory.options import CredentialSection, Options, PilotOptions, SourceSection, TargetSection
from autopyfactory.testing.script import Script


def stand_still() -> float:
    """A clock for whom time does not matter: nothing has begun later than the start of time."""
    return 0.0


class FakeWork(Options):
    """The work of a fake source: a name."""

    name: str = "work"


class FakeSource(Script):
    """A work source that answers from a table; what the table lacks is missing from the answer."""

    options: ClassVar[type[SourceSection]] = SourceSection

    def __init__(
        self,
        answers: Mapping[Any, Demand | Unavailable] | None = None,
        gives: Collection[Need] = (Need.DEMAND,),
    ) -> None:
        super().__init__()
        self.answers = dict(answers or {})
        self.work = FakeWork
        self.gives = frozenset(gives)

    def demand(self, works: Collection[Any]) -> Mapping[Any, Demand | Unavailable]:
        """What the table holds of `works`."""
        self.enter("demand", tuple(works))
        return {work: self.answers[work] for work in works if work in self.answers}


class FakePilot(PilotOptions):
    """The pilot of a fake target."""

    name: str = "pilot"


@dataclass(slots=True)
class Began:
    """One fake pilot."""

    identifier: str
    tag: str
    state: str = "pending"
    start: float = 0.0
    ended: Ended | None = None


@dataclass(slots=True)
class FakeWorld:
    """What several fake targets may share: the pilots of all factories, oldest first."""

    pilots: dict[tuple[str, str], list[Began]] = field(default_factory=dict)
    serial: Iterator[int] = field(default_factory=lambda: count(1))


class FakeTarget(Script):
    """A target that keeps real books of its pilots, and moves them when a test says so.

    `answers` overrides the supply of a queue (`None`: missing from the answer); `accept` limits the
    pilots that one submission starts; with `lose_answer` a submission starts its pilots and then
    raises `Unavailable`.
    """

    options: ClassVar[type[TargetSection]] = TargetSection

    def __init__(
        self,
        factory: str = "factory",
        *,
        world: FakeWorld | None = None,
        clock: Clock = stand_still,
        gives: Collection[Need] = (Need.ENDED, Need.LIFETIME),
    ) -> None:
        super().__init__()
        self.factory = factory
        self.clock = clock
        self.world = world or FakeWorld()
        self.pilot = FakePilot
        self.gives = frozenset(gives)
        self.idle: dict[str, int] = {}
        self.answers: dict[str, Supply | Unavailable | None] = {}
        self.accept: int | None = None
        self.lose_answer = False

    def pilots(self, queue: str, *states: str) -> list[Began]:
        """This factory's pilots of `queue`, oldest first; all, or those in `states`."""
        books = self.world.pilots.get((self.factory, queue), [])
        return [pilot for pilot in books if not states or pilot.state in states]

    def supply(self, queues: Collection[str]) -> Mapping[str, Supply | Unavailable]:
        """What the books hold, or what `answers` says instead."""
        self.enter("supply", tuple(queues))
        found = {
            queue: self.answers[queue] if queue in self.answers else self._count(queue) for queue in queues
        }
        return {queue: supply for queue, supply in found.items() if supply is not None}

    def _count(self, queue: str) -> Supply:
        running = self.pilots(queue, "running")
        idle = min(self.idle.get(queue, 0), len(running)) if Need.IDLE in self.gives else None
        ended = tuple(pilot.ended for pilot in self.pilots(queue) if pilot.ended is not None)
        return Supply(
            pending=len(self.pilots(queue, "pending")),
            running=len(running),
            held=len(self.pilots(queue, "held")),
            idle=idle,
            starts=tuple(pilot.start for pilot in running[idle or 0 :]),
            ended=tuple(sorted(ended, key=lambda record: record.end)) if Need.ENDED in self.gives else (),
            lifetime=len(self.pilots(queue)) if Need.LIFETIME in self.gives else None,
            clock=1.0 + self.clock(),
        )

    def tagged(self, tags: Collection[str]) -> Mapping[str, int]:
        """How many pilots of this factory ever carried each tag."""
        self.enter("tagged", tuple(tags))
        ours = [
            pilot.tag for key, books in self.world.pilots.items() if key[0] == self.factory for pilot in books
        ]
        return {tag: ours.count(tag) for tag in tags if tag in ours}

    def submit(self, order: Order[Any]) -> Sequence[str]:
        """Enter new pilots in the books as pending."""
        self.enter("submit", order)
        wanted = order.count if self.accept is None else min(order.count, self.accept)
        new = [Began(f"fake.{next(self.world.serial)}", order.tag) for _ in range(wanted)]
        self.world.pilots.setdefault((self.factory, order.queue), []).extend(new)
        if self.lose_answer:
            raise Unavailable("the answer was lost")
        return [pilot.identifier for pilot in new]

    def retire(self, queue: str, count: int) -> Sequence[str]:
        """End held pilots, then pending ones, newest first."""
        self.enter("retire", (queue, count))
        chosen = [*self.pilots(queue, "held")[::-1], *self.pilots(queue, "pending")[::-1]][:count]
        for pilot in chosen:
            pilot.state = "retired"
        return [pilot.identifier for pilot in chosen]

    def start(self, queue: str, count: int = 1) -> None:
        """The oldest pending pilots begin to run."""
        for pilot in self._first(queue, "pending", count):
            pilot.state, pilot.start = "running", self.clock()

    def hold(self, queue: str, count: int = 1) -> None:
        """The oldest pending pilots are held."""
        for pilot in self._first(queue, "pending", count):
            pilot.state = "held"

    def end(self, queue: str, count: int = 1, reason: str = "") -> None:
        """The oldest running pilots end."""
        for pilot in self._first(queue, "running", count):
            now = self.clock()
            pilot.state = "ended"
            pilot.ended = Ended(end=1.0 + now, run_time=now - pilot.start, reason=reason)

    def _first(self, queue: str, state: str, count: int) -> list[Began]:
        found = self.pilots(queue, state)[:count]
        assert len(found) == count, f"{queue} has {len(found)} {state} pilots, not {count}"
        return found


class FakeCredential(Script):
    """A credential whose file is what a test says, and which is renewed by counting."""

    options: ClassVar[type[CredentialSection]] = CredentialSection

    def __init__(self, proof: Proof | None = None, kind: CredentialType = CredentialType.X509) -> None:
        super().__init__()
        self.type = kind
        self.now = proof or Proof(path=Path("/proxy"), subject="/CN=Robot")

    def proof(self) -> Proof:
        """What the test says."""
        self.enter("proof", None)
        return self.now

    def renew(self) -> None:
        """Note it."""
        self.enter("renew", None)


class FakeMonitor(Script):
    """A monitor that keeps all reports."""

    options: ClassVar[type[Options]] = Options

    def __init__(self) -> None:
        super().__init__()
        self.reports: list[Report] = []

    def record(self, report: Report) -> None:
        """Keep the report."""
        self.enter("record", report)
        self.reports.append(report)
