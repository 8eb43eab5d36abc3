"""MaxPending: the smaller of count and what may still wait."""

import pytest

from autopyfactory.policies.max_pending import MaxPending
from autopyfactory.testing import PolicyContract
from observed import observed


class TestMaxPending(PolicyContract):
    plugin = MaxPending


@pytest.mark.parametrize(
    ("options", "count", "pending", "result"),
    [
        pytest.param({}, 4, 3, 4, id="room for all"),
        pytest.param({}, 40, 3, 7, id="room for some"),
        pytest.param({}, 40, 10, 0, id="no room"),
        pytest.param({}, 40, 12, 0, id="too many wait already"),
        pytest.param({}, 500, 0, 10, id="nothing pends: still limited"),
        pytest.param({"unlimited_when_idle": True}, 500, 0, 500, id="nothing pends: as of old"),
        pytest.param({"unlimited_when_idle": True}, 500, 1, 9, id="something pends: limited as ever"),
        pytest.param({"may_retire": True}, 40, 12, -2, id="above the limit, told to retire"),
        pytest.param({"may_retire": True}, 40, 10, 0, id="at the limit, told to retire"),
        pytest.param({}, -3, 2, -3, id="a retirement passes"),
        pytest.param({}, -3, 12, -3, id="a retirement passes where too many wait"),
        pytest.param({"may_retire": True}, -1, 12, -2, id="the larger retirement wins"),
    ],
)
def test_no_more_than_the_limit_wait(options, count, pending, result):
    assert MaxPending(limit=10, **options)(count, observed(pending=pending, running=99)) == result
