"""A stride follows the pace of the child, and nobody rests for longer than it reaches."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autopyfactory.clients.condor.stride import MOST, REACH, Stride


@pytest.mark.parametrize(
    ("took", "at_hand"), [(0.0, MOST), (REACH / 100, MOST), (REACH / 3.5, 3), (REACH, 1), (5.0, 1)]
)
def test_a_moment_of_work_is_at_hand(took: float, at_hand: int) -> None:
    stride = Stride()
    assert stride.at_hand == 1  # nothing is known yet
    for _ in range(60):
        stride.note(took)
    assert stride.at_hand == at_hand


def test_a_rest_leaves_two_to_do() -> None:
    stride = Stride()
    for _ in range(60):
        stride.note(REACH / 100)
    assert [stride.rest(waiting) for waiting in (1, 2, 3, 9)] == pytest.approx(
        [0, 0, REACH / 100, REACH * 7 / 100]
    )


@given(st.lists(st.floats(0, 100), max_size=20), st.integers(0, 60))
def test_a_rest_ends_soon(took: list[float], waiting: int) -> None:
    stride = Stride()
    for seconds in took:
        stride.note(seconds)
    assert 0 <= stride.rest(waiting) <= REACH
