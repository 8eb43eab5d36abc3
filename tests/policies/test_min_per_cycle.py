"""MinPerCycle: the larger of count and limit."""

import pytest

from autopyfactory.policies.min_per_cycle import MinPerCycle
from autopyfactory.testing import PolicyContract
from observed import observed


class TestMinPerCycle(PolicyContract):
    plugin = MinPerCycle


@pytest.mark.parametrize(
    ("count", "limit", "result"),
    [
        pytest.param(0, 1, 1, id="below"),
        pytest.param(1, 1, 1, id="at"),
        pytest.param(5, 1, 5, id="above"),
        pytest.param(5, 0, 5, id="no minimum"),
        pytest.param(-7, 0, 0, id="a retirement is lifted"),
    ],
)
def test_a_cycle_starts_no_fewer_than_the_limit(count, limit, result):
    assert MinPerCycle(limit=limit)(count, observed(pending=50)) == result
