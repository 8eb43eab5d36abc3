"""A clock that a test moves."""

from autopyfactory.clock import VirtualClock


def test_time_passes_when_it_is_told_to() -> None:
    clock = VirtualClock(5.0)
    assert clock() == clock() == 5.0
    assert clock.advance(2.5) == clock() == clock.read() == 7.5
