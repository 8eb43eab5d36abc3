"""What the guard saw when it cut a decision: facts only, so that a replay cuts the same (`cut.py`)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from autopyfactory.facts import quick

EVERYWHERE = ""  # the name under which the factory-wide limits stand


class Scope(StrEnum):
    """What a limit of the guard is about."""

    QUEUE = "queue"
    TARGET = "target"
    FACTORY = "factory"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fall:
    """A number that fell too far to be believed before a second reading agrees."""

    what: str  # 'pilots', 'pilots at ce01', 'work'
    before: int
    now: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure:
    """A downtime that held."""

    scope: Scope
    place: str  # name of the queue or target; empty for the factory
    name: str
    until: float  # seconds since the epoch
    retire: bool  # whether pilots may be retired meanwhile


@dataclass(frozen=True, slots=True, kw_only=True)
class Tripped:
    """A breaker that was not closed."""

    scope: Scope
    place: str  # name of the queue or target
    failures: int  # in a row
    wait: float  # seconds until one pilot is tried; 0: it may be tried now
    trying: bool  # one pilot was on its way

    @property
    def room(self) -> int:
        """Pilots that it lets through: one, when it is time to try and nobody does."""
        return 0 if self.wait > 0 or self.trying else 1


class Account(NamedTuple):
    """The limits of one target, or of the whole factory, and what was used of them; None: unlimited.

    A tuple, for every cycle makes two.
    """

    place: str  # name of the target; empty for the factory
    pilots: int  # that were there, granted ones too
    max_pilots: int | None
    per_minute: int | None
    tokens: int  # pilots that the rate allowed
    fair: int  # of these, what this queue might take beside the others that wait for some
    waiting: int  # queues that waited for some
    retire_share: float | None
    retire_least: int
    retired: int  # within the period
    retire_period: float  # seconds

    @property
    def room(self) -> int:
        """Pilots that may be started below `max_pilots`, if there is such a limit."""
        return max(0, (self.max_pilots or 0) - self.pilots)

    @property
    def retirable(self) -> int:
        """Pilots that may still be retired within the period, if there is such a limit."""
        share = int((self.retire_share or 0.0) * self.pilots)
        return max(0, max(share, self.retire_least) - self.retired)


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class GuardView:
    """All that the guard looked at for one decision."""

    fall: Fall | None = None  # of pilots: nothing is submitted or retired
    work: Fall | None = None  # of the demand: nothing is retired
    confirmed: bool = True  # two readings in a row agreed, once
    uncertain: int = 0
    closures: tuple[Closure, ...] = ()
    breakers: tuple[Tripped, ...] = ()
    accounts: tuple[Account, ...] = ()  # of the target, of the factory
