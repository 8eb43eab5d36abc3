"""A fall is believed when a second reading agrees."""

import pytest

from autopyfactory.steady import Steady


@pytest.mark.parametrize(
    ("levels", "suspects"),
    [
        ([100, 100], [None, None]),
        ([100, 50], [None, None]),
        ([100, 49], [None, 49]),
        ([100, 0, 0, 0], [None, 0, None, None]),
        ([100, 0, 100, 100], [None, 0, None, None]),
        ([100, 0, 40, 40], [None, 0, None, None]),
        ([100, 200], [None, None]),
        ([9, 0], [None, None]),
        ([10, 0], [None, 0]),
    ],
)
def test_a_fall_waits_for_one_more_reading(levels, suspects):
    steady = Steady(share=0.5, least=10)
    seen = [steady.look("q", level, float(when)).suspect for when, level in enumerate(levels)]
    assert seen == suspects


@pytest.mark.parametrize(
    ("levels", "confirmed"),
    [
        ([5], [False]),
        ([5, 5], [False, True]),
        ([100, 0, 0], [False, False, True]),
        ([100, 0, 100, 100], [False, False, False, True]),
        ([0, 100, 100], [False, False, True]),
        ([100, 60], [False, True]),
    ],
)
def test_two_readings_that_agree_confirm(levels, confirmed):
    steady = Steady(share=0.5, least=10)
    assert [steady.look("q", level, float(when)).confirmed for when, level in enumerate(levels)] == confirmed


def test_the_same_reading_seen_twice_is_one_reading():
    steady = Steady(share=0.5, least=10)
    steady.look("q", 100, 1.0)
    for _ in range(3):
        belief = steady.look("q", 0, 2.0)
        assert (belief.suspect, belief.confirmed) == (0, False)


def test_numbers_are_judged_apart():
    steady = Steady(share=0.5, least=10)
    steady.look("a", 100, 1.0)
    assert steady.look("b", 0, 2.0).suspect is None
