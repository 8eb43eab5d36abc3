"""KeepNQueueLife: the difference between the pilots to reach and all there ever were."""

import pytest

from autopyfactory.policies.keep_n_queue_life import KeepNQueueLife
from autopyfactory.testing import PolicyContract
from observed import observed


class TestKeepNQueueLife(PolicyContract):
    plugin = KeepNQueueLife


@pytest.mark.parametrize(
    ("goal", "before", "seen", "result"),
    [
        pytest.param(20, 0, {"lifetime": 0}, 20, id="none yet"),
        pytest.param(20, 0, {"lifetime": 15}, 5, id="some"),
        pytest.param(20, 0, {"lifetime": 20, "pending": 3, "running": 3}, 0, id="reached"),
        pytest.param(20, 0, {"lifetime": 24}, -4, id="passed"),
        pytest.param(20, 7, {"lifetime": None}, 0, id="the target does not know"),
        pytest.param(None, 7, {"lifetime": 5}, 2, id="without count the one before is reached"),
        pytest.param(0, 7, {"lifetime": 5}, -5, id="0 is a number to reach"),
        pytest.param(
            20, 0, {"lifetime": 5, "pending": 10, "uncertain": 10}, 5, id="pilots of an unanswered submission"
        ),
    ],
)
def test_it_is_the_difference_from_all_pilots_ever(goal, before, seen, result):
    assert KeepNQueueLife(count=goal)(before, observed(**seen)) == result
