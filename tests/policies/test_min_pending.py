"""MinPending: the larger of count and what is missing among the waiting."""

import pytest

from autopyfactory.policies.min_pending import MinPending
from autopyfactory.testing import PolicyContract
from observed import observed


class TestMinPending(PolicyContract):
    plugin = MinPending


@pytest.mark.parametrize(
    ("count", "pending", "result"),
    [
        pytest.param(0, 0, 5, id="all missing"),
        pytest.param(0, 3, 2, id="some missing"),
        pytest.param(0, 5, 0, id="none missing"),
        pytest.param(9, 3, 9, id="more asked than missing"),
        pytest.param(0, 8, 0, id="above the limit it takes none away"),
        pytest.param(-9, 8, -3, id="a retirement leaves the limit waiting"),
    ],
)
def test_it_keeps_the_limit_waiting(count, pending, result):
    assert MinPending(limit=5)(count, observed(pending=pending, running=99)) == result
