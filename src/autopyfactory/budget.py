"""Budgets: what one target, or the whole factory, may still start and retire."""

from collections import deque
from dataclasses import dataclass, field

from autopyfactory.fairness import Ask, Claims
from autopyfactory.limits import Limits
from autopyfactory.view import Account

SLOTS = 60  # parts of a period in which retired pilots are counted together
make_account = tuple.__new__  # as `Account(...)` does it, in a third of the time


@dataclass(slots=True)
class Bucket:
    """Tokens for pilots: starts empty, gains `per_minute`, holds one minute's worth."""

    per_minute: int
    filled: float  # monotonic seconds of the last filling
    tokens: float = 0.0

    def fill(self, now: float) -> float:
        """Gain what is due by now; the tokens gained, those included that had no room."""
        gained = max(0.0, now - self.filled) * self.per_minute / 60
        self.tokens = min(self.tokens + gained, float(self.per_minute))
        self.filled = now
        return gained

    def add(self, tokens: float) -> None:
        """Put tokens in, or take them out."""
        self.tokens = min(self.tokens + tokens, float(self.per_minute))


@dataclass(slots=True)
class Slot:
    """Pilots that are counted, and forgotten, together: with the last of them (monotonic seconds)."""

    first: float
    last: float
    count: int


@dataclass(slots=True)
class Tally:
    """How many pilots were retired within the last `period` seconds."""

    period: float
    total: int = 0
    _slots: deque[Slot] = field(default_factory=deque)

    def within(self, now: float) -> int:
        """The number by now."""
        while self._slots and self._slots[0].last <= now - self.period:
            self.total -= self._slots.popleft().count
        return self.total

    def add(self, count: int, now: float) -> None:
        """So many more, or fewer where some were only set aside."""
        self.total += count
        if self._slots and now - self._slots[-1].first < self.period / SLOTS:
            self._slots[-1].count += count
            self._slots[-1].last = now
        else:
            self._slots.append(Slot(now, now, count))


class Budget:
    """Tokens, claims on them, and retired pilots of one place, under the limits of the plan."""

    def __init__(self, place: str, limits: Limits, now: float) -> None:
        self.place = place
        self.limits = limits
        self.tally = Tally(limits.retire_period.total_seconds())
        self.bucket: Bucket | None = None
        self.claims = Claims(0.0)
        self.limit(limits, now)

    def limit(self, limits: Limits, now: float) -> None:
        """Take over new limits; tokens, claims and counts stay."""
        self.limits = limits
        self.tally.period = limits.retire_period.total_seconds()
        if limits.per_minute is None:
            self.bucket = None
            return
        if self.bucket is None:
            self.bucket = Bucket(limits.per_minute, now)
        self._fill(self.bucket, now)
        self.bucket.per_minute = limits.per_minute
        self.claims.most = float(limits.per_minute)

    def look(self, queue: str, pilots: int, now: float) -> Account:
        """What this place may still do, for one queue, with so many pilots there."""
        limits = self.limits
        tokens = fair = waiting = 0
        if self.bucket is not None:
            self._fill(self.bucket, now)
            tokens = max(0, int(self.bucket.tokens))
            fair, waiting = self.claims.part(queue, self.bucket.tokens, now)
        return make_account(
            Account,
            (
                self.place,
                pilots,
                limits.max_pilots,
                limits.per_minute,
                tokens,
                fair,
                waiting,
                limits.retire_share,
                limits.retire_least,
                self.tally.within(now),
                self.tally.period,
            ),
        )

    def serve(self, ask: Ask, taken: int, now: float) -> None:
        """Note what a queue is left of the pilots that it asks for, before it is spent."""
        if self.bucket is not None:
            self.claims.serve(ask, taken, self.bucket.tokens - taken, now)

    def spend(self, started: int, retired: int, now: float) -> None:
        """Count pilots that will be started and retired; negative numbers give back what was not used."""
        if self.bucket is not None:
            self.bucket.add(-started)
        if retired:
            self.tally.add(retired, now)

    def _fill(self, bucket: Bucket, now: float) -> None:
        self.claims.gain(bucket.fill(now))
