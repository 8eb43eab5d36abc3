"""KeepNRunning: the difference between the pilots to keep and those there."""

import pytest

from autopyfactory.policies.keep_n_running import KeepNRunning
from autopyfactory.testing import PolicyContract
from observed import observed


class TestKeepNRunning(PolicyContract):
    plugin = KeepNRunning


@pytest.mark.parametrize(
    ("keep", "before", "pending", "running", "result"),
    [
        pytest.param(5, 0, 1, 1, 3, id="too few"),
        pytest.param(5, 0, 2, 3, 0, id="enough"),
        pytest.param(5, 0, 2, 6, -3, id="too many"),
        pytest.param(5, 50, 1, 1, 3, id="the count before does not matter"),
        pytest.param(None, 5, 1, 1, 3, id="without count the one before is kept"),
        pytest.param(None, 0, 1, 1, -2, id="without count and with none before all go"),
        pytest.param(0, 5, 1, 1, -2, id="0 is a number to keep"),
    ],
)
def test_it_is_the_difference_from_the_pilots_there(keep, before, pending, running, result):
    assert KeepNRunning(count=keep)(before, observed(pending=pending, running=running)) == result
