"""A courier: what it asks of the schedd, in which order, and when it gives up for a while."""

import threading
from collections.abc import Mapping
from typing import Any

import pytest

from autopyfactory.clients.condor.courier import Courier, Route
from autopyfactory.clients.condor.identity import Identity
from autopyfactory.errors import Closed, Unavailable
from autopyfactory.testing import VirtualClock, until

ROUTE = Route(where="true", attributes=("FACTORY",), key="QUEUE", root="/logs", largest=100, patience=60.0)
NOTHING: dict[str, Any] = {"fetched": 0, "more": False, "failed": []}


class Connection:
    """Answers `fetch` from a list, and notes what is asked."""

    identity = Identity(schedd="a")

    def __init__(self, *answers: dict[str, Any] | Unavailable, swept: int = 0) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []
        self.swept = swept
        self.stale = ""
        self.closed = threading.Event()

    def call(self, name: str, arguments: Mapping[str, Any], *, seconds: float) -> Any:
        self.asked.append(name)
        if name == "refresh":
            assert arguments == {"where": "true", "attributes": ("FACTORY",), "seconds": 5.0}
            return {"refreshed": 1, "failed": self.stale}
        if name == "sweep":
            assert arguments == {"where": "true", "age": 60.0}
            return {"removed": self.swept}
        assert arguments == {"where": "true", "key": "QUEUE", "root": "/logs", "largest": 100, "seconds": 5.0}
        assert seconds == 30.0
        answer = self.answers.pop(0) if self.answers else NOTHING
        if isinstance(answer, Unavailable):
            raise answer
        return answer

    def close(self) -> None:
        self.closed.set()


def courier(connection: Connection, clock: VirtualClock | None = None) -> Courier:
    return Courier(connection, ROUTE, 30.0, clock or VirtualClock())  # type: ignore[arg-type]


def test_a_tour_goes_on_while_something_comes_in_and_more_is_left() -> None:
    some = {"fetched": 5, "more": True, "failed": []}
    connection = Connection(some, some, NOTHING)
    courier(connection).turn()
    assert connection.asked == ["sweep", "refresh", "fetch", "fetch", "fetch"]


def test_a_tour_ends_when_all_that_is_left_fails_and_says_so() -> None:
    stuck = {"fetched": 0, "more": True, "failed": [["A", "disk full"], ["A", "disk full"], ["B", "torn"]]}
    connection = Connection(stuck, stuck)
    one = courier(connection)
    one.turn()
    assert connection.asked == ["sweep", "refresh", "fetch"]
    assert one.troubles("A") == ("the output of 2 ended pilots cannot be fetched: disk full",)
    assert one.troubles("B") == ("the output of 1 ended pilot cannot be fetched: torn",)
    assert one.troubles("C") == ()
    connection.answers = [NOTHING]
    one.turn()
    assert one.troubles("A") == ()


def test_a_schedd_that_does_not_answer_is_left_alone_for_a_while(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    clock = VirtualClock()
    connection = Connection(Unavailable("it hangs"), Unavailable("it hangs"))
    one = courier(connection, clock)
    for _ in range(3):
        one.turn()
    assert connection.asked.count("fetch") == 1
    clock.advance(61)
    one.turn()
    clock.advance(121)
    one.turn()
    assert connection.asked.count("fetch") == 3
    assert caplog.messages == [
        "the output of ended pilots at schedd a cannot be read; it is tried again now and then: it hangs",
        "the output of ended pilots at schedd a can be read again",
    ]


def test_what_is_swept_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    courier(Connection(swept=3)).turn()
    assert caplog.messages == ["3 pilots removed at schedd a, whose files never arrived there"]


def test_a_proxy_that_is_not_taken_is_told_to_all_until_it_is() -> None:
    clock, connection = VirtualClock(), Connection()
    one = courier(connection, clock)
    for connection.stale, told in (("no such file", 1), ("", 0)):
        one.turn()
        assert len(one.troubles("A")) == len(one.troubles("B")) == told
        clock.advance(1)


def test_it_sets_out_in_a_thread_of_its_own_each_time_it_is_prodded_and_ends_when_closed() -> None:
    connection = Connection()
    one = courier(connection)
    one.prod()
    assert until(lambda: connection.asked.count("fetch") == 1)
    one.prod()
    assert until(lambda: connection.asked.count("fetch") == 2)
    one.close()
    assert connection.closed.is_set()
    assert until(lambda: "courier" not in {thread.name for thread in threading.enumerate()})


def test_what_fails_because_it_was_closed_is_no_failure(caplog: pytest.LogCaptureFixture) -> None:
    connection = Connection()
    one = courier(connection)

    def call(name: str, arguments: object, *, seconds: float) -> Any:
        one.close()
        raise Unavailable("the child is gone")

    connection.call = call  # type: ignore[method-assign]
    with pytest.raises(Closed):
        one.turn()
    with pytest.raises(Closed):
        one.turn()
    assert not caplog.messages
