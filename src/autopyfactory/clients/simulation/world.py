"""A simulated batch system: pilots that wait, run, take jobs, are held, fail, are preempted and end.

It reads no clock and does no input or output: every call says what time it is, in seconds, and the
world moves on to then.  The same seed and the same calls at the same times give the same answers; the
fate of a pilot depends on the seed, its factory, its queue and how many came before it there, not on
what other queues do.
"""

from collections import Counter, deque
from collections.abc import Collection
from functools import partial
from itertools import chain, islice
from random import Random

from autopyfactory.clients.simulation.agenda import Agenda
from autopyfactory.clients.simulation.books import Books, Pilot, Record, Tally, Task
from autopyfactory.clients.simulation.jobs import Jobs
from autopyfactory.clients.simulation.laws import Laws
from autopyfactory.clients.simulation.spells import BlackHole, longest

TAGS = 100_000  # remembered, the newest


class World:
    """All pilots of all factories at this place.

    `born` is when its spells begin to count.  Worlds that share an agenda share their time, and may
    share jobs.
    """

    def __init__(
        self, laws: Laws, seed: int | str = 0, *, born: float = 0.0, agenda: Agenda | None = None
    ) -> None:
        self.laws = laws
        self.running = 0
        self.agenda = agenda or Agenda()
        self._born = born
        self._seed = seed
        self._number = 0
        self._books: dict[tuple[str, str], Books] = {}
        self._pilots: dict[int, Pilot] = {}  # those that wait, run or are held
        self._waiting: deque[int] = deque()  # for a slot; may hold some that are gone
        self._reopens = float("-inf")
        self._tags: Counter[tuple[str, str]] = Counter()

    def advance(self, now: float) -> None:
        """Let everything happen that happens until `now`, in order; a `now` of the past changes nothing."""
        self._fill()
        self.agenda.advance(now)

    def books(self, key: tuple[str, str]) -> Books:
        """The books of `key` (factory, queue), for who keeps his own in the same process."""
        if key not in self._books:
            self._books[key] = Books(Random(f"{self._seed} {key[0]} {key[1]}"))  # noqa: S311
        return self._books[key]

    def serve(self, key: tuple[str, str], jobs: Jobs) -> None:
        """Let the pilots of `key` that are submitted from now on take these jobs."""
        self.books(key).jobs = jobs

    def submit(self, now: float, key: tuple[str, str], count: int, tag: str) -> list[str]:
        """Line up `count` pilots of `key` (factory, queue); their identifiers."""
        self.advance(now)
        books = self.books(key)
        self._remember((key[0], tag), count)
        return [str(self._line_up(books)) for _ in range(count)]

    def retire(self, now: float, key: tuple[str, str], count: int, *, running: bool = False) -> list[str]:
        """Take up to `count` pilots of `key` away, of each sort the newest first.

        First held ones, then pending ones, then those that wait for a job; and, if told, running ones.
        """
        self.advance(now)
        books = self._books.get(key)
        if books is None:
            return []
        chosen = list(islice(chain(reversed(books.held), reversed(books.pending)), max(0, count)))
        for number in chosen:
            del self._pilots[number]
            books.held.pop(number, None)
            books.pending.pop(number, None)
        busy = (number for number in reversed(books.running) if running and number not in books.idle)
        stopped = list(islice(chain(reversed(books.idle), busy), max(0, count - len(chosen))))
        for number in stopped:
            self._end(number, "retired")
        books.retired += len(chosen) + len(stopped)
        self._fill()
        return [str(number) for number in (*chosen, *stopped)]

    def supply(
        self, now: float, factory: str, queues: Collection[str], *, knows_idle: bool = False
    ) -> dict[str, Tally]:
        """The pilots of a factory in each of `queues`; who waits for a job only if that is known."""
        self.advance(now)
        books = {queue: self.books((factory, queue)) for queue in queues}
        return {queue: one.tally(self.agenda.now, knows_idle=knows_idle) for queue, one in books.items()}

    def tagged(self, factory: str, tags: Collection[str]) -> dict[str, int]:
        """How many pilots of a factory ever carried each of `tags`."""
        return {tag: self._tags[factory, tag] for tag in tags if (factory, tag) in self._tags}

    def _remember(self, tag: tuple[str, str], count: int) -> None:
        self._tags[tag] += count
        if len(self._tags) > TAGS:
            del self._tags[next(iter(self._tags))]

    def _line_up(self, books: Books) -> int:
        laws, random = self.laws, books.random
        delay, run_time = laws.queue_delay.draw(random), laws.run_time.draw(random)
        luck, holding, share = random.random(), random.random(), random.random()
        self._number += 1
        self._pilots[self._number] = Pilot(
            books=books,
            run_time=run_time,
            luck=luck,
            fails_after=run_time * share if luck < laws.failures else None,
            preempted_after=None if laws.preemption is None else laws.preemption.draw(random),
            holds=holding < laws.holds,
        )
        books.pending[self._number] = None
        books.submitted += 1
        books.most_pending = max(books.most_pending, len(books.pending))
        self.agenda.at(self.agenda.now + delay, partial(self._become_ready, self._number))
        return self._number

    def _become_ready(self, number: int) -> None:
        pilot = self._pilots.get(number)
        if pilot is None:
            return
        if pilot.holds:
            del pilot.books.pending[number]
            pilot.books.held[number] = None
            if self.laws.held_for is not None:
                gone = self.agenda.now + self.laws.held_for.total_seconds()
                self.agenda.at(gone, partial(self._take_away, number))
        else:
            self._waiting.append(number)
            self._fill()

    def _take_away(self, number: int) -> None:
        pilot = self._pilots.pop(number, None)
        if pilot is not None:
            del pilot.books.held[number]

    def _fill(self) -> None:
        """Give free slots to those that wait for one, first come, first served."""
        while self._waiting and self.running < self.laws.slots and self._is_open():
            number = self._waiting.popleft()
            if number in self._pilots:
                self._start(number, self._pilots[number])

    def _is_open(self) -> bool:
        """Whether pilots may begin; where not, they try again when they may."""
        left = longest(self.laws.closed, self.agenda.now - self._born)
        if left and self._reopens <= self.agenda.now:
            self._reopens = self.agenda.now + left
            self.agenda.at(self._reopens, self._fill)
        return not left

    def _start(self, number: int, pilot: Pilot) -> None:
        now, books = self.agenda.now, pilot.books
        del books.pending[number]
        books.running[number] = now
        self.running += 1
        for after, reason in ((pilot.fails_after, "failed"), (pilot.preempted_after, "preempted")):
            if after is not None:
                self.agenda.at(now + after, partial(self._end, number, reason))
        hole = self._black_hole(pilot)
        if hole is not None:
            self.agenda.at(now + hole.run_time.total_seconds(), partial(self._end, number, "failed"))
        if books.jobs is None:
            self.agenda.at(now + pilot.run_time, partial(self._end, number, ""))
        elif hole is not None:
            books.idle[number] = now
        else:
            self._look_for_job(number)

    def _black_hole(self, pilot: Pilot) -> BlackHole | None:
        age = self.agenda.now - self._born
        holes = (hole for hole in self.laws.black_holes if hole.left(age) > 0 and pilot.luck < hole.share)
        return next(holes, None)

    def _look_for_job(self, number: int) -> None:
        """Take a job, wait for one, or end when it is time to."""
        pilot, now = self._pilots[number], self.agenda.now
        books = pilot.books
        if pilot.jobs and now - books.running[number] >= pilot.run_time:
            self._end(number, "")
            return
        if number in books.idle:
            books.idle_time += now - books.idle.pop(number)
        seconds = books.jobs.take() if books.jobs else None
        if seconds is not None:
            pilot.task = Task(seconds, now)
            self.agenda.at(now + seconds, partial(self._finish, number, pilot.task))
        elif books.jobs:
            books.idle[number] = now
            books.jobs.wait((self, number), partial(self._look_for_job, number))
            exit_at = now + self.laws.idle_exit.total_seconds()
            self.agenda.at(exit_at, partial(self._give_up, number, now))

    def _give_up(self, number: int, since: float) -> None:
        pilot = self._pilots.get(number)
        if pilot is not None and pilot.books.idle.get(number) == since:
            self._end(number, "")

    def _finish(self, number: int, task: Task) -> None:
        pilot = self._pilots.get(number)
        if pilot is None or pilot.task is not task or pilot.books.jobs is None:
            return
        pilot.task = None
        pilot.jobs += 1
        pilot.books.finished += 1
        pilot.books.jobs.finish()
        self._look_for_job(number)

    def _end(self, number: int, reason: str) -> None:
        """End a pilot, unless it has ended; a job that it had waits again."""
        pilot, now = self._pilots.pop(number, None), self.agenda.now
        if pilot is None:
            return
        books, jobs = pilot.books, pilot.books.jobs
        start = books.running.pop(number)
        books.ended.append(Record(now, now - start, reason))
        books.over += 1
        books.barren += not pilot.jobs
        if number in books.idle:
            books.idle_time += now - books.idle.pop(number)
        self.running -= 1
        if jobs is not None:
            jobs.leave((self, number))
        if jobs is not None and pilot.task is not None:
            books.killed += reason == "retired"
            books.lost_time += now - pilot.task.began
            jobs.give_back(pilot.task.seconds)
        self._fill()
