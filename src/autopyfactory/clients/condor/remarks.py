"""What a schedd tells beside its counts: how jobs ended, and which are in trouble.  It may be silent."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from autopyfactory.clients.condor.aside import Aside
from autopyfactory.clients.condor.chronicle import LOOK_BACK, RECORDS, Chronicle
from autopyfactory.clients.condor.client import Connection

T = TypeVar("T")

REASONS = 3  # why jobs are gone, for one value of the key


class Remarks(Generic[T]):
    """Asked after the counts, each in a call of its own, with half of the time that is left.

    Without a chronicle the history is not asked for, and nobody knows how jobs ended.
    """

    def __init__(
        self,
        connection: Connection,
        chronicle: Chronicle[T] | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connection = connection
        self._chronicle = chronicle
        self._clock = clock
        self._history = Aside(f"the history of {connection.identity}", clock)
        self._trouble = Aside(f"the reasons of trouble at {connection.identity}", clock)
        self._sentences: Mapping[str, Sequence[str]] = {}

    def update(self, where: str, key: str, clock: float, deadline: float) -> None:
        """Ask what it is time for, of jobs that fulfil `where`; `clock` is the schedd's."""
        if self._chronicle is not None:
            asked = {
                "where": where,
                "key": key,
                "cursor": self._chronicle.cursor,
                "oldest": clock - LOOK_BACK,
                "most": RECORDS,
            }
            answer = self._ask(self._history, "history", asked, deadline)
            if answer is not None:
                self._chronicle.add(answer, clock)
        sentences = self._ask(self._trouble, "troubles", {"where": where, "key": key}, deadline)
        if sentences is not None:
            self._sentences = sentences

    def ended(self, key: str, clock: float) -> tuple[T, ...] | None:
        """Records of jobs that ended, the newest last; None while nobody knows."""
        if self._chronicle is None or not self._history.is_known:
            return None
        return self._chronicle.of(key, clock)

    def troubles(self, key: str, clock: float) -> tuple[str, ...]:
        """A few sentences for people."""
        told = list(self._sentences.get(key, ())) if self._trouble.is_known else []
        if self._chronicle is not None:
            if unborn := self._chronicle.unborn(key, clock):
                told += [gone(reason, count) for reason, count in unborn.most_common(REASONS)]
            if not self._history.is_known:
                told.append(f"nobody knows how pilots ended: {self._history.error or 'no time to ask'}")
        return tuple(told)

    def _ask(
        self, aside: Aside, name: str, arguments: Mapping[str, Any], deadline: float
    ) -> Mapping[str, Any] | None:
        def question(seconds: float) -> Mapping[str, Any]:
            answer: Mapping[str, Any] = self._connection.call(name, arguments, seconds=seconds)
            return answer

        return aside.ask(question, (deadline - self._clock()) / 2)


def gone(reason: str, count: int) -> str:
    """'2 gave up in the last hour ...' by a rule of their own, else '2 were removed ...: reason'."""
    if not reason:
        return f"{count} gave up in the last hour without having run"
    return f"{count} {'was' if count == 1 else 'were'} removed in the last hour without having run: {reason}"
