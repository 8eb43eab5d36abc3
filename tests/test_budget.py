"""A budget keeps tokens, and counts what was retired within its period."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autopyfactory.budget import Bucket, Budget, Tally
from autopyfactory.fairness import Ask
from autopyfactory.options import Limits


def test_time_never_runs_backwards():
    bucket = Bucket(per_minute=60, filled=100.0, tokens=5.0)
    assert bucket.fill(50.0) == 0
    assert bucket.tokens == 5


def test_a_bucket_never_holds_more_than_a_minute():
    bucket = Bucket(per_minute=60, filled=0.0)
    assert bucket.fill(3600.0) == 3600
    bucket.add(50)
    assert bucket.tokens == 60


def test_what_was_given_back_is_not_counted_as_retired():
    tally = Tally(3600.0)
    tally.add(10, 0.0)
    tally.add(-4, 1.0)
    assert tally.within(100.0) == 6


@given(st.lists(st.tuples(st.floats(0, 500), st.integers(1, 50)), max_size=60))
@example([(0.0, 1), (1.0, 1), (99.0, 1), *[(500.0, 1)] * 7])  # the second is 3599 s old at the end
def test_a_tally_counts_no_less_than_what_was_retired_within_the_period(acts):
    tally, now, past = Tally(3600.0), 0.0, []
    for pause, count in acts:
        now += pause
        tally.add(count, now)
        past.append((now, count))
        within = sum(number for when, number in past if when > now - 3600.0)
        longer = sum(number for when, number in past if when > now - 3600.0 * 61 / 60)
        assert within <= tally.within(now) <= longer
        assert len(tally._slots) <= 62


def test_tokens_outlive_the_time_in_which_the_rate_is_unlimited_only_as_an_empty_bucket():
    budget = Budget("site", Limits(per_minute=60), 0.0)
    budget.limit(Limits(), 60.0)
    assert budget.look("q", 0, 60.0).per_minute is None
    budget.serve(Ask("q", 5, 1.0, 360.0), 5, 60.0)
    budget.spend(5, 0, 60.0)
    budget.limit(Limits(per_minute=60), 90.0)
    assert budget.look("q", 0, 90.0).tokens == 0


@pytest.mark.parametrize(
    ("share", "pilots", "retired", "retirable"),
    [
        (0.2, 100, 0, 20),
        (0.2, 90, 10, 8),
        (0.2, 80, 20, 0),
        (0.2, 5, 0, 10),
        (0.0, 100, 0, 10),
        (1.0, 100, 0, 100),
    ],
)
def test_a_share_is_of_the_pilots_that_are_there_less_what_was_retired(share, pilots, retired, retirable):
    budget = Budget("site", Limits(retire_share=share), 0.0)
    budget.spend(0, retired, 0.0)
    assert budget.look("q", pilots, 1.0).retirable == retirable
