"""The play: all turns of all queues, on a virtual clock, with the real core around a simulated world."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from heapq import heapify, heapreplace
from itertools import count

from autopyfactory.app.simulation.measures import Measures, Sample, Tally, total
from autopyfactory.app.simulation.stage import Nature, Stage
from autopyfactory.clients.simulation.jobs import Jobs
from autopyfactory.clock import VirtualClock
from autopyfactory.cycle import Cycle
from autopyfactory.factory import limit, watch
from autopyfactory.garbage import uncollected
from autopyfactory.guard import Guard
from autopyfactory.model import Report
from autopyfactory.plan import Plan
from autopyfactory.sections import Process
from autopyfactory.turns import Turns

POINTS = 720  # samples of a play, at most
STEP = 60.0  # seconds between two of them, at least

Listener = Callable[[Report], None]
Show = Callable[[float], None]


def ignore(_: object) -> None:
    """Who does not want to know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a play came to."""

    queues: dict[str, Measures]
    total: Measures
    samples: tuple[Sample, ...]


class Play:
    """One world, one factory, one time.  The same plan, nature and seed give the same results, always.

    `process` is the one that the plan was assembled for: on the virtual clock, and in line.
    """

    def __init__(self, plan: Plan, process: Process, clock: VirtualClock, nature: Nature) -> None:
        tags = count(1)
        self.stage = Stage(plan, nature, clock.read)
        self._plan = plan
        self._clock = clock
        guard = Guard(process.fleet, clock.read)
        self._cycle = Cycle(
            guard=guard, clock=clock.read, wall=clock.read, new_tag=lambda: f"simulated-{next(tags)}"
        )
        limit(guard, plan)
        watch(plan)

    @uncollected()
    def run(self, seconds: float, listen: Listener = ignore, show: Show = ignore) -> Result:
        """Play for so many seconds; `show` hears now and then how many of them are over."""
        began, until = self._clock(), self._clock() + seconds
        tallies = {name: Tally(queue, self.stage, began, until) for name, queue in self._plan.queues.items()}

        def publish(report: Report) -> None:
            tallies[report.queue].count(report)
            listen(report)

        turns = [Turns(queue, self._cycle, publish) for queue in self._plan.queues.values()]
        line = [(one.first(began, began), number, one) for number, one in enumerate(turns)]
        heapify(line)
        samples: list[Sample] = []
        points = max(1, min(POINTS, int(seconds / STEP)))
        for point in range(1, points + 1):
            moment = began + seconds * point / points
            self._turn_until(line, moment)
            self._move(moment)
            samples.append(self._sample(moment - began, tallies.values()))
            show(moment - began)
        queues = {name: tally.measure(until) for name, tally in tallies.items()}
        return Result(
            queues=queues,
            total=total(tuple(queues.values()), self._works(), samples, until),
            samples=tuple(samples),
        )

    def troubles(self, seconds: float) -> Iterator[tuple[float, float]]:
        """When something goes wrong for any queue, and until when, in seconds from the start."""
        for queue in self._plan.queues.values():
            for spell in self.stage.troubles(queue):
                yield from spell.spans(seconds)

    def _turn_until(self, line: list[tuple[float, int, Turns]], moment: float) -> None:
        """Take all turns that are due until `moment`, in order."""
        while line and line[0][0] <= moment:
            due, number, turns = line[0]
            self._move(due)
            heapreplace(line, (turns.turn(due), number, turns))

    def _move(self, moment: float) -> None:
        self._clock.now = moment
        self.stage.agenda.advance(moment)

    def _works(self) -> tuple[Jobs, ...]:
        """The jobs of all works, each once."""
        return tuple(dict.fromkeys(self.stage.jobs.values()))

    def _sample(self, age: float, tallies: Iterable[Tally]) -> Sample:
        books = [tally.books for tally in tallies]
        works = self._works()
        return Sample(
            age=age,
            ready=sum(jobs.ready for jobs in works),
            at_work=sum(jobs.running for jobs in works),
            pending=sum(len(one.pending) for one in books),
            running=sum(len(one.running) for one in books),
            idle=sum(len(one.idle) for one in books),
            submitted=sum(one.submitted for one in books),
        )
