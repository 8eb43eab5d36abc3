"""The simulator: a world behind questions, with the slowness and the outages of real services."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from random import Random
from typing import Any

from autopyfactory.clients.simulation.arrivals import Stream
from autopyfactory.clients.simulation.chance import Spread
from autopyfactory.clients.simulation.laws import Laws
from autopyfactory.clients.simulation.spells import Outage
from autopyfactory.clients.simulation.workload import Workload
from autopyfactory.clients.simulation.world import World
from autopyfactory.errors import ConfigError
from autopyfactory.options import Count, Duration

Clock = Callable[[], float]
Pause = Callable[[float], object]


class Setup(Laws):
    """All that makes a simulator."""

    seed: Count = 0
    """What all chance comes from."""
    answer_delay: Spread = Spread(mean=timedelta(0))
    """How long it takes to answer."""
    outages: tuple[Outage, ...] = ()
    """When it refuses or hangs."""
    linger: Duration = timedelta(minutes=10)
    """How long it goes on when nobody is connected."""


class Simulator:
    """Answers the questions of all its clients, one thread for each."""

    def __init__(self, setup: Setup, clock: Clock = time.monotonic, wall: Clock = time.time) -> None:
        self.setup = setup
        self._clock = clock
        self._epoch = wall() - clock()  # from then on time passes evenly, whatever happens to the wall clock
        self._born = clock()
        self._random = Random(setup.seed)  # noqa: S311
        self._world = World(setup, setup.seed, born=self._now())
        self._workload = Workload(self._world.agenda, setup.seed, self._now())
        self._lock = threading.Lock()

    def adopt(self, setup: Setup) -> None:
        """Go on under new laws; the seed and the pilots there are stay as they are."""
        with self._lock:
            self.setup = setup
            self._world.laws = setup

    def answer(self, question: Mapping[str, Any], pause: Pause) -> Mapping[str, Any]:
        """Carry out one question after its delay; `pause` lets so many seconds pass."""
        with self._lock:
            delay = self.setup.answer_delay.draw(self._random)
        if delay > 0:
            pause(delay)
        for outage in self._outages(question):
            left = outage.left(self._clock() - self._born)
            if left > 0 and not outage.hangs:
                return {"error": f"the simulator has an outage of {left:.1f} more seconds"}
            if left > 0:
                pause(left)
        with self._lock:
            try:
                return {"answer": self._act(question), "clock": self._now()}
            except ConfigError as error:
                return {"error": str(error)}

    def _outages(self, question: Mapping[str, Any]) -> Sequence[Outage]:
        """Who counts jobs has outages of its own."""
        if question["do"] == "demand":
            return [Outage.model_validate(outage) for outage in question["outages"]]
        return self.setup.outages

    def _now(self) -> float:
        return self._epoch + self._clock()

    def _act(self, question: Mapping[str, Any]) -> object:
        verb, factory, world = question["do"], question["factory"], self._world
        if verb == "demand":
            return self._tell(question["works"], question["behind"])
        if verb == "supply":
            knows_idle = question.get("knows_idle", False)
            return world.supply(self._now(), factory, question["queues"], knows_idle=knows_idle)
        if verb == "tagged":
            return world.tagged(factory, question["tags"])
        key, count = (factory, question["queue"]), question["count"]
        if verb == "submit":
            jobs = self._workload.jobs.get(question.get("work", ""))
            if jobs is not None:
                world.serve(key, jobs)
            return world.submit(self._now(), key, count, question["tag"])
        return world.retire(self._now(), key, count, running=question["running"])

    def _tell(self, streams: Mapping[str, Any], behind: float) -> object:
        """What is known of works whose jobs come in these streams."""
        for name, stream in streams.items():
            if name not in self._workload.jobs:
                self._workload.expect(name, Stream.model_validate(stream), behind)
        return self._workload.tell(self._now(), streams)
