"""MaxPerCycle: the smaller of count and limit."""

import pytest

from autopyfactory.policies.max_per_cycle import MaxPerCycle
from autopyfactory.testing import PolicyContract
from observed import observed


class TestMaxPerCycle(PolicyContract):
    plugin = MaxPerCycle


@pytest.mark.parametrize(
    ("count", "limit", "result"),
    [
        pytest.param(3, 10, 3, id="below"),
        pytest.param(10, 10, 10, id="at"),
        pytest.param(11, 10, 10, id="above"),
        pytest.param(11, 0, 0, id="closed"),
        pytest.param(-7, 10, -7, id="a retirement passes"),
    ],
)
def test_a_cycle_starts_no_more_than_the_limit(count, limit, result):
    assert MaxPerCycle(limit=limit)(count, observed(pending=50)) == result
