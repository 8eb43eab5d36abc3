"""WeightedActivated: weighted ready work less weighted pending pilots."""

import pytest

from autopyfactory.policies.weighted_activated import WeightedActivated
from autopyfactory.testing import PolicyContract
from observed import observed


class TestWeightedActivated(PolicyContract):
    plugin = WeightedActivated


@pytest.mark.parametrize(
    ("options", "ready", "pending", "result"),
    [
        pytest.param({}, 10, 4, 6, id="plain"),
        pytest.param({}, 4, 10, 0, id="never below 0"),
        pytest.param({"activated": 0.5}, 11, 0, 5, id="half of the work, rounded down"),
        pytest.param({"activated": 0.5, "pending": 0.5}, 11, 3, 4, id="each product rounded by itself"),
        pytest.param({"pending": 0.0}, 10, 40, 10, id="pending do not count"),
        pytest.param({"pending": 2.0}, 10, 4, 2, id="pending count twice"),
    ],
)
def test_it_weighs_ready_work_and_pending_pilots(options, ready, pending, result):
    assert WeightedActivated(**options)(99, observed(ready=ready, pending=pending)) == result


def test_idle_pilots_will_take_work():
    assert WeightedActivated(activated=0.5)(0, observed(ready=10, running=4, idle=4)) == 3
