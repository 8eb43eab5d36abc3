"""The jobs of one work: they come, wait, are taken by pilots, and are finished or given back."""

from collections import deque
from collections.abc import Callable, Iterator
from random import Random

from autopyfactory.clients.simulation.agenda import Agenda
from autopyfactory.clients.simulation.arrivals import Arrival
from autopyfactory.clients.simulation.chance import Spread


class Jobs:
    """All jobs of one work.  The n-th job takes the same time whoever takes it, and whenever.

    `behind` is how many seconds old the counts are that `counted` tells.
    """

    def __init__(self, agenda: Agenda, random: Random, run_time: Spread, behind: float = 0.0) -> None:
        self.behind = behind
        self.ready = self.running = self.finished = self.arrived = 0
        self._run_time = run_time
        self._random = random
        self._agenda = agenda
        self._returned: deque[float] = deque()  # what jobs take that were given back
        self._waiting: dict[object, Callable[[], None]] = {}  # pilots, the one that waits longest first
        self._past: deque[tuple[float, int, int]] = deque([(float("-inf"), 0, 0)])
        self._waited = 0.0
        self._since = float("-inf")

    def expect(self, born: float, arrivals: Iterator[Arrival]) -> None:
        """Let jobs come; their times are counted from `born`."""
        moment, number = next(arrivals, (None, 0))
        if moment is None:
            return

        def arrive() -> None:
            self.arrived += number
            self._change(ready=number)
            self.expect(born, arrivals)
            self._call()

        self._agenda.at(born + moment, arrive)

    def take(self) -> float | None:
        """Take a job, those that were given back first; what it takes in seconds, None if none waits."""
        if not self.ready:
            return None
        self._change(ready=-1, running=1)
        return self._returned.popleft() if self._returned else self._run_time.draw(self._random)

    def finish(self) -> None:
        """A job that was taken is done."""
        self.finished += 1
        self._change(running=-1)

    def give_back(self, seconds: float) -> None:
        """A job that was taken, and takes so long, waits again."""
        self._returned.append(seconds)
        self._change(ready=1, running=-1)
        self._call()

    def wait(self, pilot: object, call: Callable[[], None]) -> None:
        """Call when there is a job to take."""
        self._waiting[pilot] = call

    def leave(self, pilot: object) -> None:
        """It does not wait any more."""
        self._waiting.pop(pilot, None)

    def waited_until(self, now: float) -> float:
        """Seconds that all jobs together have waited."""
        return self._waited + (self.ready * (now - self._since) if self.ready else 0.0)

    def counted(self) -> tuple[int, int]:
        """Ready and running jobs, as they were `behind` seconds ago."""
        if not self.behind:
            return self.ready, self.running
        moment = self._agenda.now - self.behind
        while len(self._past) > 1 and self._past[1][0] <= moment:
            self._past.popleft()
        return self._past[0][1:]

    def _call(self) -> None:
        while self.ready and self._waiting:
            pilot = next(iter(self._waiting))
            self._waiting.pop(pilot)()

    def _change(self, ready: int = 0, running: int = 0) -> None:
        now = self._agenda.now
        self._waited = self.waited_until(now)
        self._since = now
        self.ready += ready
        self.running += running
        if self.behind:
            self._past.append((now, self.ready, self.running))
