"""What the decisions of many cycles come to."""

from hypothesis import given
from hypothesis import strategies as st

from autopyfactory.app.replay.sums import Departure, Sums, Trial


def sums(*cycles: tuple[int, int]) -> Sums:
    """Each an hour long."""
    found = Sums()
    for count, lack in cycles:
        found.count(count, lack, 3600.0)
    return found


def test_pilots_are_counted_and_the_largest_number_of_one_cycle_is_the_burst() -> None:
    found = sums((3, 3), (5, 5), (-2, -2), (0, 0))
    assert (found.submitted, found.retired, found.burst) == (8, 2, 5)
    assert (found.idle, found.unmet) == (0.0, 0.0)


def test_pilots_without_work_and_work_without_pilots_are_hours() -> None:
    assert (sums((3, 1)).idle, sums((3, 1)).unmet) == (2.0, 0.0)
    assert (sums((1, 4)).idle, sums((1, 4)).unmet) == (0.0, 3.0)
    assert sums((-2, -2)).idle == 0.0


@given(st.lists(st.tuples(st.integers(-50, 50), st.integers(-50, 50))))
def test_more_pilots_mean_never_more_unmet_work_and_never_less_idleness(
    cycles: list[tuple[int, int]],
) -> None:
    few, many = sums(*cycles), sums(*((count + 1, lack) for count, lack in cycles))
    assert many.unmet <= few.unmet
    assert many.idle >= few.idle


def test_decisions_are_compared_and_the_first_difference_is_kept() -> None:
    trial = Trial.new()
    for wall, recorded, replayed in ((1.0, 2, 2), (2.0, 2, None), (3.0, None, None), (4.0, 1, 5)):
        trial.compare(wall, recorded, replayed)
    assert (trial.cycles, trial.same, trial.differ) == (4, 2, 2)
    assert trial.first == Departure(2.0, 2, None)


def test_queues_are_added_up() -> None:
    one, other, total = Trial.new(), Trial.new(), Trial.new()
    one.compare(5.0, 1, 2)
    other.compare(4.0, 1, 2)
    other.compare(6.0, 1, 2)
    one.recorded.count(3, 1, 3600.0)
    other.recorded.count(4, 9, 3600.0)
    other.blind = other.cycles = 3
    for part in (one, other, Trial.new()):
        total.add(part)
    assert total.first == Departure(4.0, 1, 2)
    assert total.recorded == Sums(submitted=7, burst=4, idle=2.0, unmet=5.0)
    assert (total.cycles, total.blind) == (4, 3)
    assert total.as_data()["recorded"]["unmet"] == 5.0
