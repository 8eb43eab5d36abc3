"""A whole core around fakes: what the tests of cycle, guard, sections and factory stand on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

from autopyfactory.configuration import Problem
from autopyfactory.cycle import Cycle, Queue
from autopyfactory.fleet import Fleet
from autopyfactory.guard import Guard
from autopyfactory.ledger import Ledger
from autopyfactory.model import CredentialType, Demand, Proof, Report
from autopyfactory.options import CredentialSection, SourceSection, TargetLimits, TargetSection
from autopyfactory.plan import FactorySettings, Plan, WrongQueue
from autopyfactory.policies.ready import Ready
from autopyfactory.proofs import Proofs
from autopyfactory.sections import Demands, Process, Supplies
from autopyfactory.testing import FakeCredential, FakePilot, FakeSource, FakeTarget, FakeWork, VirtualClock

UNLIMITED = TargetLimits(per_minute=None, max_pilots=None)


@dataclass
class Rig:
    """One process: a virtual clock, a guard without limits, and as many sections as a test wants."""

    clock: VirtualClock = field(default_factory=VirtualClock)
    folder: Path | None = None
    sections: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.fleet = Fleet()
        self.ledger = Ledger(self.folder)
        self.process = Process(clock=self.clock, fleet=self.fleet, ledger=self.ledger)
        self.guard = Guard(self.fleet, self.clock)
        tags = count(1)
        self.cycle = Cycle(
            guard=self.guard, clock=self.clock, wall=lambda: 0.0, new_tag=lambda: f"tag-{next(tags)}"
        )

    def source(
        self, demands: Mapping[str, Demand] | None = None, **options: Any
    ) -> tuple[FakeSource, Demands]:
        """A fake source that answers these demands, by the name of the work."""
        fake = FakeSource({FakeWork(name=name): demand for name, demand in (demands or {}).items()})
        section = Demands(
            "wms", fake, SourceSection(**{"max_age": "10s", "timeout": "5s", **options}), self.process
        )
        self.sections.append(section)
        return fake, section

    def target(self, name: str = "site", **options: Any) -> tuple[FakeTarget, Supplies]:
        """A fake target without limits of its own."""
        fake = FakeTarget(clock=self.clock)
        given = {"max_age": "10s", "timeout": "5s", "guard": UNLIMITED, **options}
        section = Supplies(name, fake, TargetSection(**given), self.process)
        self.sections.append(section)
        return fake, section

    def credential(
        self, proof: Proof | None = None, kind: CredentialType = CredentialType.X509, **options: Any
    ) -> tuple[FakeCredential, Proofs]:
        """A fake credential; the time of day is that of the clock."""
        fake = FakeCredential(proof, kind)
        process = replace(self.process, wall=self.clock)
        section = Proofs("robot", fake, CredentialSection(**options), process)
        self.sections.append(section)
        return fake, section

    def queue(self, source: Demands, target: Supplies, **changes: Any) -> Queue:
        """The queue 'q': chain `ready`, every ten seconds."""
        queue = Queue(
            name="q",
            source=source,
            work=FakeWork(),
            target=target,
            pilot=FakePilot(),
            policies=(Ready(),),
            interval=10,
        )
        return replace(queue, **changes)

    def plan(self, queues: Sequence[Queue], **parts: Any) -> Plan:
        """A plan of these queues and their sections."""
        settings = FactorySettings(id="factory", guard={"max_pilots": None})
        return Plan(
            settings=settings,
            queues={queue.name: queue for queue in queues},
            sources={queue.source.name: queue.source for queue in queues},
            targets={queue.target.name: queue.target for queue in queues},
            credentials={one.name: one for queue in queues for one in queue.credentials},
            **parts,
        )

    @staticmethod
    def wrong(text: str) -> WrongQueue:
        """A queue whose definition is wrong."""
        return WrongQueue(problems=(Problem(file="", section="", key="", text=text),))

    def turns(self, queue: Queue, number: int, *, seconds: float = 10.0) -> list[Report]:
        """So many cycles of one queue, so many seconds apart."""
        reports: list[Report] = []
        for _ in range(number):
            reports.append(self.cycle.run(queue, reports[-1] if reports else None))
            self.clock.advance(seconds)
        return reports

    def close(self) -> None:
        """End the workers."""
        for section in self.sections:
            section.close(0.0)
        for section in self.sections:
            section.join(timedelta(seconds=5).total_seconds())
