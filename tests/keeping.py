"""A factory of this process whose queues keep a number of pilots at real pools."""

import time
from collections import defaultdict
from itertools import count
from pathlib import Path

from autopyfactory.clients.condor.options import Job
from autopyfactory.cycle import Cycle, Queue
from autopyfactory.factory import Factory
from autopyfactory.fleet import Fleet
from autopyfactory.guard import Guard
from autopyfactory.ledger import Ledger
from autopyfactory.model import Place, Report
from autopyfactory.options import Options, SourceSection, TargetLimits
from autopyfactory.plan import FactorySettings, Plan
from autopyfactory.policies.keep_n_running import KeepNRunning
from autopyfactory.sections import Demands, Process, Supplies
from autopyfactory.sources.null import NullSource
from autopyfactory.targets.htcondor import HTCondorTarget, HTCondorTargetOptions
from pools import Pool

INTERVAL = 0.25


class Keeping:
    """A factory, and its monitor, of some queues that keep a number of pilots."""

    def __init__(self, home: Path, factory: str) -> None:
        self.place = Place(section="", factory=factory, logs=str(home / "logs"), state=str(home))
        self.process = Process(clock=time.monotonic, fleet=Fleet(), ledger=Ledger())
        self.reports: defaultdict[str, list[Report]] = defaultdict(list)
        self.tags: list[str] = []
        numbers = count(1)
        cycle = Cycle(
            guard=Guard(self.process.fleet, time.monotonic),
            clock=time.monotonic,
            wall=time.time,
            new_tag=lambda: self._tag(f"{factory}-{next(numbers)}"),
        )
        self.factory = Factory(cycle)
        self.source = Demands("none", NullSource(SourceSection(), self.place), SourceSection(), self.process)
        self.targets: dict[str, Supplies] = {}
        self.queues: dict[str, Queue] = {}

    options = Options

    def record(self, report: Report) -> None:
        """Being the monitor."""
        self.reports[report.queue].append(report)

    def target(self, name: str, pool: Pool, timeout: str = "2s") -> None:
        options = HTCondorTargetOptions(
            config=pool.config,
            timeout=timeout,
            settle="3s",
            max_age="1s",
            guard=TargetLimits(per_minute=None, max_pilots=None),
        )
        self.targets[name] = Supplies(name, HTCondorTarget(options, self.place), options, self.process)

    def queue(self, name: str, target: str, pilots: int) -> None:
        self.queues[name] = Queue(
            name=name,
            source=self.source,
            work=Options(),
            target=self.targets[target],
            pilot=Job(executable="/bin/sleep", arguments=("600",), memory="1MB", disk="1MB"),
            policies=(KeepNRunning(count=pilots),),
            interval=INTERVAL,
        )

    def apply(self) -> None:
        self.factory.apply(
            Plan(
                settings=FactorySettings(id="test", guard={"max_pilots": None}),
                queues=dict(self.queues),
                sources={"none": self.source},
                targets=self.targets,
                monitors={"world": self},
            )
        )

    def tell(self, queue: str) -> str:
        """The last reports of a queue, for a failing test."""
        return "\n".join(str(report) for report in self.reports[queue][-5:])

    def _tag(self, tag: str) -> str:
        self.tags.append(tag)
        return tag
