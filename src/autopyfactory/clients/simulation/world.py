"""A simulated batch system: pilots that wait, run, are held, fail and end.

It reads no clock and does no input or output: every call says what time it is, in seconds, and the
world moves on to then.  The same seed and the same calls at the same times give the same answers; the
fate of a pilot depends on the seed, its factory, its queue and how many came before it there, not on
what other queues do.
"""

from collections import Counter, deque
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta
from heapq import heappop, heappush
from itertools import chain, islice
from random import Random
from typing import NamedTuple

from autopyfactory.clients.simulation.chance import Share, Spread
from autopyfactory.options import Count, Options

RECENT = 3600.0  # seconds for which the starts of running pilots are told
RECORDS = 100  # ended pilots told of a queue, the newest
TAGS = 100_000  # remembered, the newest


class Laws(Options):
    """How the simulated batch system behaves."""

    slots: Count = 100
    """Pilots that run at once, of all queues and factories."""
    queue_delay: Spread = Spread(mean=timedelta(seconds=10))
    """How long a pilot waits before it may take a slot."""
    run_time: Spread = Spread(mean=timedelta(minutes=5))
    """How long a pilot runs."""
    failures: Share = 0.0
    """Share of pilots that fail somewhere in their run time."""
    holds: Share = 0.0
    """Share of pilots that are held when they should run, until they are retired."""


class Record(NamedTuple):
    """One pilot that ran and ended."""

    end: float
    run_time: float
    reason: str


class Tally(NamedTuple):
    """The pilots of one factory in one queue."""

    pending: int
    running: int
    held: int
    lifetime: int
    starts: tuple[float, ...]
    ended: tuple[Record, ...]


@dataclass(slots=True)
class Books:
    """One factory's pilots in one queue, by number: the oldest first, running ones with their start."""

    random: Random
    pending: dict[int, None] = field(default_factory=dict)
    running: dict[int, float] = field(default_factory=dict)
    held: dict[int, None] = field(default_factory=dict)
    ended: deque[Record] = field(default_factory=lambda: deque(maxlen=RECORDS))
    submitted: int = 0


@dataclass(slots=True)
class Pilot:
    """One pilot on its way, and its fate."""

    books: Books
    run_time: float
    reason: str
    holds: bool


class World:
    """All pilots of all factories at this place."""

    def __init__(self, laws: Laws, seed: int = 0) -> None:
        self.laws = laws
        self.now = float("-inf")
        self.running = 0
        self._seed = seed
        self._number = 0
        self._books: dict[tuple[str, str], Books] = {}
        self._pilots: dict[int, Pilot] = {}  # those that wait, run or are held
        self._events: list[
            tuple[float, int]
        ] = []  # when a pilot has waited or run long enough; may be outdated
        self._waiting: deque[int] = deque()  # for a slot; may hold some that are gone
        self._tags: Counter[tuple[str, str]] = Counter()

    def advance(self, now: float) -> None:
        """Let everything happen that happens until `now`, in order; a `now` of the past changes nothing."""
        self._fill(self.now)
        while self._events and self._events[0][0] <= now:
            self.now, number = heappop(self._events)
            pilot = self._pilots.get(number)
            if pilot is not None and number in pilot.books.running:
                self._end(number, pilot, pilot.reason)
            elif pilot is not None:
                self._become_ready(number, pilot)
            self._fill(self.now)
        self.now = max(self.now, now)

    def submit(self, now: float, key: tuple[str, str], count: int, tag: str) -> list[str]:
        """Line up `count` pilots of `key` (factory, queue); their identifiers."""
        self.advance(now)
        books = self._open(key)
        self._remember((key[0], tag), count)
        return [str(self._line_up(books)) for _ in range(count)]

    def retire(self, now: float, key: tuple[str, str], count: int, *, running: bool = False) -> list[str]:
        """Take up to `count` pilots of `key` away: held, then pending, then running if told; newest first."""
        self.advance(now)
        books = self._books.get(key)
        if books is None:
            return []
        chosen = list(islice(chain(reversed(books.held), reversed(books.pending)), max(0, count)))
        for number in chosen:
            del self._pilots[number]
            books.held.pop(number, None)
            books.pending.pop(number, None)
        stopped = list(islice(reversed(books.running), max(0, count - len(chosen)) if running else 0))
        for number in stopped:
            self._end(number, self._pilots[number], "retired")
        self._fill(self.now)
        return [str(number) for number in (*chosen, *stopped)]

    def supply(self, now: float, factory: str, queues: Collection[str]) -> dict[str, Tally]:
        """The pilots of a factory in each of `queues`."""
        self.advance(now)
        return {queue: self._count((factory, queue)) for queue in queues}

    def tagged(self, factory: str, tags: Collection[str]) -> dict[str, int]:
        """How many pilots of a factory ever carried each of `tags`."""
        return {tag: self._tags[factory, tag] for tag in tags if (factory, tag) in self._tags}

    def _remember(self, tag: tuple[str, str], count: int) -> None:
        self._tags[tag] += count
        if len(self._tags) > TAGS:
            del self._tags[next(iter(self._tags))]

    def _open(self, key: tuple[str, str]) -> Books:
        if key not in self._books:
            self._books[key] = Books(Random(f"{self._seed} {key[0]} {key[1]}"))  # noqa: S311
        return self._books[key]

    def _line_up(self, books: Books) -> int:
        laws, random = self.laws, books.random
        delay, run_time = laws.queue_delay.draw(random), laws.run_time.draw(random)
        failing, holding, share = random.random(), random.random(), random.random()
        fails = failing < laws.failures
        self._number += 1
        self._pilots[self._number] = Pilot(
            books=books,
            run_time=run_time * share if fails else run_time,
            reason="failed" if fails else "",
            holds=holding < laws.holds,
        )
        books.pending[self._number] = None
        books.submitted += 1
        heappush(self._events, (self.now + delay, self._number))
        return self._number

    def _become_ready(self, number: int, pilot: Pilot) -> None:
        if pilot.holds:
            del pilot.books.pending[number]
            pilot.books.held[number] = None
        else:
            self._waiting.append(number)

    def _fill(self, now: float) -> None:
        """Give free slots to those that wait for one, first come, first served."""
        while self._waiting and self.running < self.laws.slots:
            number = self._waiting.popleft()
            pilot = self._pilots.get(number)
            if pilot is None:
                continue
            del pilot.books.pending[number]
            pilot.books.running[number] = now
            self.running += 1
            heappush(self._events, (now + pilot.run_time, number))

    def _end(self, number: int, pilot: Pilot, reason: str) -> None:
        start = pilot.books.running.pop(number)
        pilot.books.ended.append(Record(self.now, self.now - start, reason))
        del self._pilots[number]
        self.running -= 1

    def _count(self, key: tuple[str, str]) -> Tally:
        books = self._books.get(key)
        if books is None:
            return Tally(0, 0, 0, 0, (), ())
        starts = []
        for start in reversed(books.running.values()):
            if start < self.now - RECENT:
                break
            starts.append(start)
        return Tally(
            len(books.pending), len(books.running), len(books.held), books.submitted,
            tuple(reversed(starts)), tuple(books.ended),
        )  # fmt: skip
