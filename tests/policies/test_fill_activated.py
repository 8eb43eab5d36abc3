"""FillActivated: ready work less pending pilots."""

import pytest

from autopyfactory.policies.fill_activated import FillActivated
from autopyfactory.testing import PolicyContract
from observed import observed


class TestFillActivated(PolicyContract):
    plugin = FillActivated


@pytest.mark.parametrize(
    ("seen", "result"),
    [
        pytest.param({"ready": 7}, 7, id="work without pilots"),
        pytest.param({"ready": 7, "pending": 5, "running": 9}, 2, id="pending pilots will take work"),
        pytest.param({"ready": 7, "pending": 50}, 0, id="never below 0"),
        pytest.param({"ready": 7, "running": 3, "idle": 3}, 4, id="idle pilots will take work"),
    ],
)
def test_it_asks_for_ready_work_without_a_pilot(seen, result):
    assert FillActivated()(99, observed(**seen)) == result
