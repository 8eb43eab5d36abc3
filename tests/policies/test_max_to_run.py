"""MaxToRun: the smaller of count and what the queue may still have."""

import pytest

from autopyfactory.policies.max_to_run import MaxToRun
from autopyfactory.testing import PolicyContract
from observed import observed


class TestMaxToRun(PolicyContract):
    plugin = MaxToRun


@pytest.mark.parametrize(
    ("options", "count", "pending", "running", "result"),
    [
        pytest.param({}, 4, 3, 90, 4, id="room for all"),
        pytest.param({}, 40, 5, 90, 15, id="room for some"),
        pytest.param({}, 40, 10, 100, 0, id="no room"),
        pytest.param({}, 30, 20, 100, 0, id="too many already"),
        pytest.param({"may_retire": True}, 30, 20, 100, -10, id="too many already, told to retire"),
        pytest.param({}, -3, 0, 0, -3, id="a retirement passes"),
        pytest.param({}, 500, 0, 0, 110, id="an empty queue is limited"),
    ],
)
def test_no_more_than_the_limit_wait_and_run(options, count, pending, running, result):
    assert MaxToRun(limit=110, **options)(count, observed(pending=pending, running=running)) == result
