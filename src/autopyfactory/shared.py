"""One answer, or one failure, for many askers: what a section of the configuration last said.

A thousand queues at one schedd ask one question.  Whoever asks waits for an answer begun after its
`newer_than`; while a call runs, no second one starts.
"""

import sys
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from autopyfactory.call import Call, Series
from autopyfactory.errors import Closed, FactoryError, Unavailable, keep
from autopyfactory.worker import Worker

K = TypeVar("K")
V = TypeVar("V")
T = TypeVar("T")

GRACE = 1.0  # seconds that an asker waits longer than a call may take, so that it hears the call's own words
FAILURE_AGE = 10.0  # seconds for which a failure is shared, at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Generic[K, V]):
    """What one call brought: values by key, or the failure of all of them."""

    number: int  # of the calls of this section
    begun: float
    ended: float
    asked: frozenset[K]
    values: Mapping[K, V | Unavailable]
    error: Exception | None = None


class Shared(Generic[K, V]):
    """A section's question, asked in its worker and shared by all who ask within `max_age` seconds."""

    def __init__(
        self,
        ask: Callable[[Collection[K]], Mapping[K, V | Unavailable]],
        *,
        max_age: float,
        timeout: float,
        worker: Worker,
    ) -> None:
        self.name = worker.name
        self.max_age = max_age
        self.timeout = timeout
        self._ask = ask
        self._clock = worker.clock
        self._worker = worker
        self._changed = threading.Condition()
        self._keys: frozenset[K] = frozenset()
        self._asking = False
        self._number = 0
        self._closed = False
        self.last: Answer[K, V] | None = None

    def watch(self, keys: Collection[K]) -> None:
        """Ask for all of these from now on, whoever asks first."""
        with self._changed:
            self._keys = frozenset(keys)

    def read(self, key: K, *, newer_than: float, max_age: float) -> V:
        """The value of `key` in an answer begun after `newer_than` and not older than `max_age` seconds.

        Raises `Unavailable` when there is none in time, when the call failed, or when the answer
        does not hold `key`.
        """
        oldest = self._clock() - min(max_age, self.max_age)
        answer = self.last
        if self._closed or answer is None or not self._serves(answer, key, newer_than, oldest):
            with self._changed:
                answer = self._await(key, newer_than, oldest)
        if answer.error is not None:
            raise Unavailable(f"{self.name}: {say(answer.error)}") from answer.error
        value = answer.values.get(key)
        if value is None:
            raise Unavailable(f"{self.name} said nothing of {key}")
        if isinstance(value, Unavailable):
            raise Unavailable(f"{self.name}: {value}") from value
        return value

    def forget(self) -> None:
        """Serve nobody any more by the answer, or the failure, that there is now."""
        with self._changed:
            self.last = None

    def act(
        self, name: str, run: Callable[[], T], series: Series | None = None, matter: object = None
    ) -> Call[T]:
        """Line up an act behind the question that may be running; wait for it with `Call.wait`."""
        return self._worker.put(f"{name} of {self.name}", run, series, matter)

    def close(self) -> None:
        """Answer nobody any more and begin nothing; an act under way goes on.  Returns at once."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._worker.close()

    def join(self, seconds: float) -> bool:
        """After `close`: wait for the call under way; true if none runs any more."""
        return self._worker.join(seconds)

    def abandon(self) -> None:
        """After `close`: let nobody wait for the act under way; it ends without an answer."""
        self._worker.abandon()

    def _await(self, key: K, newer_than: float, oldest: float) -> Answer[K, V]:
        deadline = self._clock() + self.timeout + GRACE
        mine = sys.maxsize  # the first call that begins after this asking
        while not self._closed:
            answer = self.last
            if answer and (answer.number >= mine or self._serves(answer, key, newer_than, oldest)):
                return answer
            if not self._asking:
                self._start(key)
                mine = min(mine, self._number)
                continue  # a worker without a thread has answered already
            if not self._changed.wait(max(0.0, deadline - self._clock())):
                raise Unavailable(
                    f"{self.name} gave no answer: {self._worker.running() or 'it waits for its turn'}"
                )
        raise Closed(f"{self.name} is closed: the factory stops or no longer uses it")

    def _serves(self, answer: Answer[K, V], key: K, newer_than: float, oldest: float) -> bool:
        if answer.error is not None:
            return self._clock() - answer.ended < min(self.max_age, FAILURE_AGE)
        return answer.begun > newer_than and answer.begun >= oldest and key in answer.asked

    def _start(self, key: K) -> None:
        self._keys |= {key}
        number, keys = self._number + 1, self._keys
        self._asking = True  # before the call, which may be over when it is put
        try:
            self._worker.put(f"the query of {self.name}", lambda: self._query(number, keys))
        except Unavailable:
            self._asking = False
            raise
        self._number = number

    def _query(self, number: int, keys: frozenset[K]) -> None:
        begun = self._clock()
        values: Mapping[K, V | Unavailable] = {}
        failure: Exception | None = None
        try:
            values = self._ask(keys)
        except BaseException as error:  # SystemExit, too: those who wait must hear of it
            failure = keep(error if isinstance(error, Exception) else RuntimeError(repr(error)))
        answer = Answer(
            number=number, begun=begun, ended=self._clock(), asked=keys, values=values, error=failure
        )
        with self._changed:
            self.last = answer
            self._asking = False
            self._changed.notify_all()


def say(error: Exception) -> str:
    """The words of an error of ours; of any other its type, too."""
    return str(error) if isinstance(error, FactoryError) else f"{type(error).__name__}: {error}"
