"""Questions beside the main one are asked when it is time, and their failures stand in nobody's way."""

from collections.abc import Mapping
from typing import Any

import pytest

from autopyfactory.clients.condor.aside import LEAST, MOST, STALE, Aside
from autopyfactory.errors import Closed, Unavailable
from autopyfactory.testing import VirtualClock


class Schedd:
    """Answers after some time, or fails."""

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        self.takes = 1.0
        self.error: Exception | None = None
        self.asked: list[float] = []

    def __call__(self, seconds: float) -> Mapping[str, Any]:
        self.asked.append(seconds)
        self.clock.advance(self.takes)
        if self.error is not None:
            raise self.error
        return {"well": True}


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def schedd(clock: VirtualClock) -> Schedd:
    return Schedd(clock)


@pytest.fixture
def aside(clock: VirtualClock) -> Aside:
    return Aside("the history", clock)


def test_an_answer_is_followed_by_twenty_times_its_duration_of_silence(
    aside: Aside, schedd: Schedd, clock: VirtualClock
) -> None:
    assert aside.ask(schedd, 10) == {"well": True}
    clock.advance(19.9)
    assert aside.ask(schedd, 10) is None
    clock.advance(0.1)
    assert aside.ask(schedd, 10) == {"well": True}


def test_it_takes_no_more_time_than_is_left_and_none_of_too_little(aside: Aside, schedd: Schedd) -> None:
    schedd.takes = 0
    for left in (5.0, 1000.0, LEAST - 0.1, -1.0):
        aside.ask(schedd, left)
    assert schedd.asked == [5.0, MOST]


def test_a_failure_is_said_once_and_asked_about_ever_more_rarely(
    aside: Aside, schedd: Schedd, clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    schedd.takes, schedd.error = 0, Unavailable("it has none")
    moments = []
    for _ in range(40):
        if aside.ask(schedd, 10) is None and len(schedd.asked) > len(moments):
            moments.append(clock.now - 1000)
        clock.advance(30)
    assert moments == [0, 60, 180, 420, 900]
    schedd.error = None
    clock.advance(3600)
    assert aside.ask(schedd, 10)
    assert caplog.messages == [
        "the history cannot be read; it is tried again now and then: it has none",
        "the history can be read again",
    ]


def test_the_last_answer_stands_in_for_failures_only_for_a_while(
    aside: Aside, schedd: Schedd, clock: VirtualClock
) -> None:
    assert not aside.is_known
    aside.ask(schedd, 10)
    clock.advance(2 * STALE)
    assert aside.is_known, "nobody asked meanwhile"
    schedd.error = Unavailable("gone")
    aside.ask(schedd, 10)
    assert not aside.is_known
    schedd.error = None
    clock.advance(60)
    aside.ask(schedd, 10)
    schedd.error = Unavailable("gone")
    clock.advance(20)
    aside.ask(schedd, 10)
    assert aside.is_known
    clock.advance(STALE)
    assert not aside.is_known


def test_who_closes_the_connection_is_heard(aside: Aside, schedd: Schedd) -> None:
    schedd.error = Closed("closed")
    with pytest.raises(Closed):
        aside.ask(schedd, 10)
