"""The simulator: a world behind questions, with the slowness and the outages of real services."""

import threading
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from random import Random
from typing import Any

from pydantic import Field

from autopyfactory.clients.simulation.chance import Spread
from autopyfactory.clients.simulation.world import Laws, World
from autopyfactory.options import Count, Duration, Options

Clock = Callable[[], float]
Pause = Callable[[float], object]


class Outage(Options):
    """A time in which the simulator does not do its work."""

    after: Duration
    """When it begins, counted from the start of the simulator."""
    lasts: Duration
    """How long it lasts."""
    every: Duration | None = Field(default=None, gt=timedelta(0))
    """After what time, counted from its beginning, it comes again."""
    hangs: bool = False
    """Whether questions are answered, and orders carried out, when it is over; else they are refused."""

    def left(self, age: float) -> float:
        """How many seconds it still lasts when the simulator is `age` seconds old; 0 outside of it."""
        since = age - self.after.total_seconds()
        if since < 0:
            return 0.0
        if self.every is not None:
            since %= self.every.total_seconds()
        return max(0.0, self.lasts.total_seconds() - since)


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
        self._world = World(setup, setup.seed)
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
        for outage in self.setup.outages:
            left = outage.left(self._clock() - self._born)
            if left > 0 and not outage.hangs:
                return {"error": f"the simulator has an outage of {left:.1f} more seconds"}
            if left > 0:
                pause(left)
        with self._lock:
            return {"answer": self._act(question), "clock": self._now()}

    def _now(self) -> float:
        return self._epoch + self._clock()

    def _act(self, question: Mapping[str, Any]) -> object:
        verb, factory, world = question["do"], question["factory"], self._world
        if verb == "supply":
            return world.supply(self._now(), factory, question["queues"])
        if verb == "tagged":
            return world.tagged(factory, question["tags"])
        key, count = (factory, question["queue"]), question["count"]
        if verb == "submit":
            return world.submit(self._now(), key, count, question["tag"])
        return world.retire(self._now(), key, count, running=question["running"])
