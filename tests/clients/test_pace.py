"""A server that fails is spoken to ever more rarely, and as before once it answers."""

from autopyfactory.clients.pace import LONGEST, Pace


def test_it_is_spoken_to_at_once_and_then_every_period() -> None:
    pace = Pace(10)
    assert pace.is_due(0)
    pace.went_well(0)
    assert (pace.is_due(9), pace.is_due(10), pace.is_free(1)) == (False, True, True)


def test_each_failure_in_a_row_doubles_the_pause_up_to_the_longest() -> None:
    pace, now, pauses = Pace(10), 0, []
    for _ in range(8):
        pace.failed(now)
        pauses.append(next(second for second in range(1000) if pace.is_due(now + second)))
        now += pauses[-1]
    assert pauses == [10, 20, 40, 80, 160, LONGEST, LONGEST, LONGEST]
    pace.failed(now)
    assert not pace.is_free(now + LONGEST - 1)
    pace.went_well(now)
    assert pace.is_due(now + 10)
    pace.failed(now)
    assert pace.is_free(now + 10)


def test_many_failures_are_no_more_than_some() -> None:
    pace = Pace(10)
    for _ in range(5000):
        pace.failed(0)
    assert pace.is_due(LONGEST)
