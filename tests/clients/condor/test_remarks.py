"""What a schedd tells beside its counts is optional: where it fails, that is said, and nothing else fails."""

from collections.abc import Mapping
from typing import Any

import pytest

from autopyfactory.clients.condor.aside import STALE
from autopyfactory.clients.condor.chronicle import Chronicle
from autopyfactory.clients.condor.remarks import Remarks
from autopyfactory.errors import Unavailable
from autopyfactory.testing import VirtualClock

HISTORY = {"cursor": "1.0", "rows": [["q", "1.0", 90.0, 5.0, "exit code 0"]], "unborn": {"q": {"": 2}}}
TROUBLES = {"q": ["3 held"]}
ENDED = ((90.0, 5.0, "exit code 0"),)


class Connection:
    """Answers by the name of the call, or fails."""

    identity = "the schedd"

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {"history": HISTORY, "troubles": TROUBLES}
        self.asked: list[tuple[str, Mapping[str, Any], float]] = []

    def call(self, name: str, arguments: Mapping[str, Any], *, seconds: float) -> Any:
        self.asked.append((name, arguments, seconds))
        if isinstance(self.answers[name], Exception):
            raise self.answers[name]
        return self.answers[name]


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def connection() -> Connection:
    return Connection()


def make(connection: Connection, clock: VirtualClock, *, history: bool = True) -> Remarks[Any]:
    chronicle = Chronicle(lambda *facts: facts[:3], ignored="retired") if history else None
    return Remarks(connection, chronicle, clock)  # type: ignore[arg-type]


def update(remarks: Remarks[Any], clock: VirtualClock, seconds: float = 20) -> None:
    remarks.update("ours", "Queue", 100.0, clock.now + seconds)


def test_records_and_sentences_are_told_by_key(connection: Connection, clock: VirtualClock) -> None:
    remarks = make(connection, clock)
    assert remarks.ended("q", 100) is None
    update(remarks, clock)
    assert remarks.ended("q", 100) == ENDED
    assert remarks.ended("r", 100) == ()
    assert remarks.troubles("q", 100) == ("3 held", "2 gave up in the last hour without having run")
    assert remarks.troubles("r", 100) == ()


def test_jobs_that_were_removed_before_they_ran_are_told_with_the_most_frequent_reasons(
    connection: Connection, clock: VirtualClock
) -> None:
    reasons = {"no credentials": 1, "": 2, "no such queue": 3, "other": 1}
    connection.answers["history"] = {**HISTORY, "unborn": {"q": reasons}}
    remarks = make(connection, clock)
    update(remarks, clock)
    assert remarks.troubles("q", 100)[1:] == (
        "3 were removed in the last hour without having run: no such queue",
        "2 gave up in the last hour without having run",
        "1 was removed in the last hour without having run: no credentials",
    )


def test_the_next_reading_goes_on_where_the_last_one_ended(
    connection: Connection, clock: VirtualClock
) -> None:
    remarks = make(connection, clock)
    for _ in range(2):
        update(remarks, clock)
    assert [arguments["cursor"] for name, arguments, _ in connection.asked if name == "history"] == [
        "",
        "1.0",
    ]


def test_half_of_the_time_that_is_left_may_be_used(connection: Connection, clock: VirtualClock) -> None:
    remarks = make(connection, clock)
    update(remarks, clock, 8)
    update(remarks, clock, 1)
    assert [(name, seconds) for name, _, seconds in connection.asked] == [("history", 4), ("troubles", 4)]


def test_a_history_that_is_refused_is_unknown_not_empty(connection: Connection, clock: VirtualClock) -> None:
    connection.answers["history"] = Unavailable("it keeps none")
    remarks = make(connection, clock)
    update(remarks, clock)
    assert remarks.ended("q", 100) is None
    assert remarks.troubles("q", 100) == ("3 held", "nobody knows how pilots ended: it keeps none")


def test_sentences_that_cannot_be_asked_for_grow_old(connection: Connection, clock: VirtualClock) -> None:
    remarks = make(connection, clock, history=False)
    update(remarks, clock)
    connection.answers["troubles"] = Unavailable("gone")
    clock.advance(1)
    update(remarks, clock)
    assert remarks.troubles("q", 100) == ("3 held",)
    clock.advance(STALE)
    assert remarks.troubles("q", 100) == ()


def test_without_a_chronicle_the_history_is_left_alone(connection: Connection, clock: VirtualClock) -> None:
    remarks = make(connection, clock, history=False)
    update(remarks, clock)
    assert remarks.ended("q", 100) is None
    assert [name for name, _, _ in connection.asked] == ["troubles"]
