"""A plug-in's own deadline lies before that of its section."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autopyfactory.clients.allowance import allow


@pytest.mark.parametrize(("timeout", "allowed"), [(60, 59), (10, 9), (1, 0.9), (0, 0)])
def test_a_second_or_a_tenth_is_kept_back(timeout: float, allowed: float) -> None:
    assert allow(timedelta(seconds=timeout)) == pytest.approx(allowed)


@given(st.floats(0.001, 1e6))
def test_something_is_always_kept_back_and_something_left(timeout: float) -> None:
    assert 0 < allow(timedelta(seconds=timeout)) < timeout + 1e-6
