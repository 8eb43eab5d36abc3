"""A server that fails is spoken to ever more rarely, and as before once it answers."""

from collections.abc import Iterator
from contextlib import suppress

import pytest

from autopyfactory.clients.pace import LONGEST, Pace
from autopyfactory.clock import VirtualClock
from autopyfactory.errors import Unavailable


class Server:
    """Notes when it was spoken to; fails while it is `away`, and has nothing to hear while `idle`."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.heard: list[float] = []
        self.away = self.idle = False
        self.pace = Pace(10, self.clock)

    def send(self, now: float) -> bool:
        self.heard.append(now)
        if self.away:
            raise Unavailable("away")
        return not self.idle

    def wait(self, seconds: int) -> Iterator[None]:
        for _ in range(seconds):
            self.clock.now += 1
            with suppress(Unavailable):
                self.pace.when_due(self.send)
            yield


@pytest.fixture
def server() -> Server:
    server = Server()
    server.pace.when_due(server.send)
    server.heard.clear()
    return server


def test_it_is_spoken_to_at_once_and_then_every_period() -> None:
    server = Server()
    began = server.clock.now
    server.pace.when_due(server.send)
    list(server.wait(25))
    assert [moment - began for moment in server.heard] == [0, 10, 20]


def test_who_will_not_wait_for_the_period_need_not(server: Server) -> None:
    server.pace.when_free(server.send)
    assert len(server.heard) == 1


def test_as_long_as_nothing_waits_it_is_asked_again_at_once(server: Server) -> None:
    server.idle = True
    list(server.wait(12))
    assert len(server.heard) == 3  # in the seconds 10, 11 and 12


def test_each_failure_in_a_row_doubles_the_pause_up_to_the_longest(server: Server) -> None:
    server.away = True
    list(server.wait(1500))
    pauses = [after - before for before, after in zip(server.heard, server.heard[1:], strict=False)]
    assert pauses == [10, 20, 40, 80, 160, LONGEST, LONGEST, LONGEST]
    server.pace.when_free(server.send)
    assert len(server.heard) == 9  # nobody speaks to it before its time
    server.away = False
    list(server.wait(310))
    assert server.heard[-1] - server.heard[-2] == 10


def test_a_failure_is_raised_and_many_are_no_more_than_some(server: Server) -> None:
    server.away = True
    for _ in range(60):
        server.clock.now += LONGEST
        with pytest.raises(Unavailable, match="away"):
            server.pace.when_due(server.send)
    assert len(server.heard) == 60
