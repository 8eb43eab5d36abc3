"""Target `simulated`: a batch system that is none, in a process of its own (see docs/simulated.md)."""

import time
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from autopyfactory.clients.allowance import allow
from autopyfactory.clients.simulation.books import Tally
from autopyfactory.clients.simulation.link import Link, default_socket
from autopyfactory.clients.simulation.simulator import Setup
from autopyfactory.model import Ended, Need, Order, Place, Supply
from autopyfactory.options import PilotOptions, TargetSection


class SimulatedPilot(PilotOptions):
    """It takes one slot, whatever its cores."""

    work: str = ""
    """The work of a source `simulated` whose jobs it takes; empty: it takes none, and only runs."""


class SimulatedOptions(TargetSection, Setup):
    """A simulated batch system."""

    socket: Path | None = None
    """Where it listens; left out, in the state folder.  Who names the same socket shares the system."""
    keep: bool = False
    """Whether it goes on when the factory ends, for the `linger` time; else it ends with its last user."""
    knows_idle: bool = False
    """Whether it tells how many running pilots wait for a job; few batch systems can."""


class SimulatedTarget:
    """Starts the simulator at its first use, and finds it again by its socket."""

    options: ClassVar[type[SimulatedOptions]] = SimulatedOptions

    def __init__(self, options: SimulatedOptions, place: Place) -> None:
        self.pilot = SimulatedPilot
        self.gives = frozenset({Need.ENDED, Need.LIFETIME, *([Need.IDLE] if options.knows_idle else [])})
        self._factory = place.factory
        self._keep = options.keep
        self._retire_running = options.retire_running
        path = options.socket or default_socket(place.state, place.section)
        setup = Setup(**{name: getattr(options, name) for name in Setup.model_fields})
        self._link = Link(path.absolute(), setup, allow(options.timeout))

    def supply(self, queues: Collection[str]) -> Mapping[str, Supply]:
        """All pilots that were ever submitted and neither ended nor were retired."""
        knows_idle = Need.IDLE in self.gives
        words = {"queues": list(queues), "knows_idle": knows_idle}
        answer, clock = self._link.ask(do="supply", factory=self._factory, **words)
        now = time.monotonic()
        return {queue: describe(Tally(*tally), clock, now, knows_idle) for queue, tally in answer.items()}

    def tagged(self, tags: Collection[str]) -> Mapping[str, int]:
        """As the simulator remembers: the newest 100,000 tags."""
        answer, _ = self._link.ask(do="tagged", factory=self._factory, tags=list(tags))
        found: Mapping[str, int] = answer
        return found

    def submit(self, order: Order[SimulatedPilot]) -> Sequence[str]:
        """All are accepted."""
        words = {"queue": order.queue, "count": order.count, "tag": order.tag, "work": order.pilot.work}
        answer, _ = self._link.ask(do="submit", factory=self._factory, **words)
        return tuple(answer)

    def retire(self, queue: str, count: int) -> Sequence[str]:
        """Held pilots, then pending ones, then running ones if the options say so; newest first."""
        words = {"queue": queue, "count": count, "running": self._retire_running}
        answer, _ = self._link.ask(do="retire", factory=self._factory, **words)
        return tuple(answer)

    def close(self) -> None:
        """Hang up; a simulator that is not to be kept ends with its last user."""
        self._link.close(end=not self._keep)


def describe(tally: Tally, clock: float, now: float, knows_idle: bool) -> Supply:
    """A tally as a supply; `clock` and `now` are one moment, on the simulator's clock and on ours."""
    return Supply(
        pending=tally.pending,
        running=tally.running,
        held=tally.held,
        idle=tally.idle if knows_idle else None,
        starts=tuple(now - max(0.0, clock - start) for start in tally.starts),
        ended=tuple(Ended(end=end, run_time=seconds, reason=reason) for end, seconds, reason in tally.ended),
        lifetime=tally.lifetime,
        clock=clock,
    )
