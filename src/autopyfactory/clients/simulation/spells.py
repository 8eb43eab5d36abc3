"""Spells: stretches of time in which something is not as usual, once or again and again."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from pydantic import Field

from autopyfactory.clients.simulation.chance import Share
from autopyfactory.options import Duration, Options

INSTANT = 1e-3  # seconds; less is what rounding leaves of a spell that is over


class Spell(Options):
    """A stretch of time."""

    after: Duration
    """When it begins, counted from the start of the simulator."""
    lasts: Duration
    """How long it lasts."""
    every: Duration | None = Field(default=None, gt=timedelta(0))
    """After what time, counted from its beginning, it comes again."""

    def left(self, age: float) -> float:
        """How many seconds it still lasts when the simulator is `age` seconds old; 0 outside of it."""
        since = age - self.after.total_seconds()
        if since < 0:
            return 0.0
        if self.every is not None:
            since %= self.every.total_seconds()
        return max(0.0, self.lasts.total_seconds() - since)

    def spans(self, age: float) -> Iterator[tuple[float, float]]:
        """When it begins and ends, in order, as far as it begins before `age` seconds."""
        begin, lasts = self.after.total_seconds(), self.lasts.total_seconds()
        while begin < age:
            yield begin, begin + lasts
            if self.every is None:
                return
            begin += self.every.total_seconds()


class Outage(Spell):
    """A time in which the simulator does not do its work."""

    hangs: bool = False
    """Whether questions are answered, and orders carried out, when it is over; else they are refused."""


class BlackHole(Spell):
    """A time in which pilots that begin to run take no work and die."""

    share: Share = 1.0
    """Share of the pilots that begin then and die."""
    run_time: Duration = timedelta(seconds=10)
    """How long each of them runs."""


def longest(spells: Iterable[Spell], age: float) -> float:
    """How many seconds at least one of `spells` still lasts; 0 when none does."""
    left = max((spell.left(age) for spell in spells), default=0.0)
    return left if left > INSTANT else 0.0
