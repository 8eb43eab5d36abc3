"""Breakers: who fails again and again is left alone for a while, and then tries one pilot.

A failure is a submission that ended with an error, or whose outcome nobody knows; and a status that is not
to be had.  What becomes of pilots is none: preempted ones fail nobody, and for those that die young there is
the policy `throttle`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from autopyfactory.errors import Rejected, Unproven, given_up
from autopyfactory.limits import BreakerOptions
from autopyfactory.view import Scope, Tripped

STEPS = 64  # doublings, at most, so that numbers stay small


@dataclass(slots=True)
class Breaker:
    """The breaker of one queue or target."""

    scope: Scope
    place: str
    failures: int = 0  # in a row
    missed: int = 0  # failures of the status in a row
    openings: int = 0  # in a row, without a success between them
    until: float = 0.0  # monotonic; when one pilot may be tried
    trying: bool = False
    first: str = ""  # the queue that failed first
    several: bool = False  # whether others failed, too

    def look(self, now: float) -> Tripped | None:
        """How it stands; None when it is closed."""
        if not self.openings:
            return None
        return Tripped(
            scope=self.scope,
            place=self.place,
            failures=self.failures,
            wait=max(0.0, self.until - now),
            trying=self.trying,
        )

    def succeed(self) -> None:
        """A submission succeeded: closed, and all is forgotten."""
        self.failures = self.openings = 0
        self.first, self.several = "", False

    def fail(self, queue: str, options: BreakerOptions, now: float, *, trial: bool) -> None:
        """A submission of `queue` failed.  While the breaker is open only a failed trial opens it anew.

        A target's breaker opens when more than one queue fails: a single one has a breaker of its own.
        """
        self.failures += 1
        self.several = self.several or (bool(self.first) and self.first != queue)
        self.first = self.first or queue
        if self.scope is Scope.TARGET and not self.several:
            return
        enough = options.failures is not None and self.failures >= options.failures
        if trial or (enough and not self.openings):
            self.openings += 1
            doubled = options.backoff.total_seconds() * 2.0 ** min(self.openings - 1, STEPS)
            self.until = now + min(doubled, options.longest.total_seconds())

    def miss(self) -> None:
        """The status failed: nothing was decided."""
        self.missed += 1

    def hear(self, options: BreakerOptions, now: float) -> None:
        """The status is there.  After too many that were not, one pilot is tried first."""
        if options.failures is not None and self.missed >= options.failures and not self.openings:
            self.failures, self.openings, self.until = self.missed, 1, now
        self.missed = 0


Key = tuple[Scope, str]  # a queue or a target, and its name


class Breakers:
    """The breakers of all queues and targets; one that never failed is not kept."""

    def __init__(self) -> None:
        self._options: dict[Key, BreakerOptions] = {}
        self._breakers: dict[Key, Breaker] = {}

    def limit(self, options: Mapping[Key, BreakerOptions]) -> None:
        """Take over the options of a plan; what failed is not forgotten."""
        self._options = dict(options)

    def look(self, queue: str, target: str, now: float) -> tuple[Tripped, ...]:
        """Those that are not closed of a queue, whose status was just had, and of its target."""
        found = []
        for key in self._known(queue, target):
            breaker, options = self._breakers[key], self._of(key)
            breaker.hear(options, now)
            tripped = breaker.look(now)
            if tripped is not None and options.failures is not None:
                found.append(tripped)
        return tuple(found)

    def all(self, now: float) -> list[Tripped]:
        """All that are not closed."""
        found = (breaker.look(now) for key, breaker in self._breakers.items() if self._of(key).failures)
        return [tripped for tripped in found if tripped is not None]

    def begin(self, queue: str, target: str) -> tuple[Key, ...]:
        """A submission begins: it is the trial of these, if they are open at all."""
        trials = tuple(key for key in self._known(queue, target) if self._breakers[key].openings)
        for key in trials:
            self._breakers[key].trying = True
        return trials

    def end(
        self, queue: str, target: str, trials: tuple[Key, ...], error: Exception | None, now: float
    ) -> None:
        """It has ended: with an error it failed, for the target as well unless that refused this very act.

        Without a credential nothing was tried.
        """
        for key in trials:
            self._breakers[key].trying = False
        if error is None:
            for key in self._known(queue, target):
                self._breakers[key].succeed()
        elif not given_up(error) and not isinstance(error, Unproven):
            keys = [(Scope.QUEUE, queue), (Scope.TARGET, target)]
            for key in keys[:1] if isinstance(error, Rejected) else keys:
                self._at(key).fail(queue, self._of(key), now, trial=key in trials)

    def miss(self, queue: str) -> None:
        """The status of a queue's pilots was not to be had."""
        self._at((Scope.QUEUE, queue)).miss()

    def _known(self, queue: str, target: str) -> list[Key]:
        if not self._breakers:
            return []
        return [key for key in ((Scope.QUEUE, queue), (Scope.TARGET, target)) if key in self._breakers]

    def _at(self, key: Key) -> Breaker:
        return self._breakers.setdefault(key, Breaker(*key))

    def _of(self, key: Key) -> BreakerOptions:
        return self._options.get(key, NORMAL)


NORMAL = BreakerOptions()
