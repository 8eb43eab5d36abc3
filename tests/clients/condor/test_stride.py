"""A stride follows the pace of the child, and nobody rests for longer than it reaches."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autopyfactory.clients.condor.stride import KNOWN, MOST, REACH, Stride


def stride_of(*took: float) -> Stride:
    """A stride that knows these times, on a clock that stands."""
    stride = Stride(lambda: 0.0)
    for seconds in took:
        stride.note(seconds)
    return stride


@pytest.mark.parametrize(
    ("took", "at_hand"), [(0.0, MOST), (REACH / 100, MOST), (REACH / 3.5, 3), (REACH, 1), (5.0, 1)]
)
def test_a_moment_of_work_is_at_hand(took: float, at_hand: int) -> None:
    assert Stride().at_hand == 1  # nothing is known yet
    assert stride_of(*[took] * KNOWN).at_hand == at_hand


def test_one_that_took_long_counts_for_as_long_as_it_is_known() -> None:
    quick = REACH / 100
    stride = stride_of(*[quick] * KNOWN, 5.0)
    assert (stride.at_hand, stride.rest(9)) == (1, pytest.approx(quick * 7))
    for _ in range(KNOWN):
        stride.note(quick)
    assert (stride.at_hand, stride.rest(9)) == (MOST, pytest.approx(quick * 7))


def test_a_rest_leaves_one_in_four_to_do_and_two_at_least() -> None:
    stride = stride_of(*[REACH / 100] * KNOWN)
    assert [stride.rest(waiting) for waiting in (1, 2, 3, 9, 40)] == pytest.approx(
        [0, 0, REACH / 100, REACH * 7 / 100, REACH * 30 / 100]
    )


def test_what_the_child_has_done_since_it_answered_is_no_rest_any_more() -> None:
    now = [100.0]
    stride = Stride(lambda: now[0])
    for _ in range(KNOWN):
        stride.note(0.01)
    now[0] += 0.05
    assert stride.rest(12) == pytest.approx(0.04)
    now[0] += 0.05
    assert stride.rest(12) == 0
    stride.begin()
    assert stride.rest(12) == pytest.approx(0.09)


@given(st.lists(st.floats(0, 100), max_size=20), st.integers(0, 60))
def test_a_rest_ends_soon(took: list[float], waiting: int) -> None:
    assert 0 <= stride_of(*took).rest(waiting) <= REACH
