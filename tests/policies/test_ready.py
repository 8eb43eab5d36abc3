"""Ready: ready work less offset and pending pilots, never below 0."""

import pytest

from autopyfactory.model import Unit
from autopyfactory.policies.ready import Ready
from autopyfactory.testing import PolicyContract
from observed import observed


class TestReady(PolicyContract):
    plugin = Ready


@pytest.mark.parametrize(
    ("options", "seen", "result"),
    [
        pytest.param({}, {}, 0, id="no work and no pilots"),
        pytest.param({}, {"ready": 7}, 7, id="work without pilots"),
        pytest.param({}, {"ready": 7, "pending": 5}, 2, id="pending pilots will take work"),
        pytest.param({}, {"ready": 7, "pending": 50}, 0, id="never below 0"),
        pytest.param({"offset": 2}, {"ready": 7, "pending": 1}, 4, id="the offset stays without pilots"),
        pytest.param({"offset": 9}, {"ready": 7}, 0, id="an offset above the work"),
        pytest.param({}, {"ready": 7, "running": 100}, 7, id="running pilots do not count"),
        pytest.param({}, {"ready": 7, "running": 3, "idle": 3}, 4, id="idle pilots will take work"),
        pytest.param({}, {"ready": 7, "started": 2}, 5, id="pilots begun since the count took work"),
        pytest.param({}, {"ready": 1, "running": 5, "idle": 5}, 0, id="more idle pilots than work"),
        pytest.param(
            {"unit": Unit.CORES}, {"ready_cores": 17, "cores": 8}, 3, id="cores are rounded up to pilots"
        ),
        pytest.param(
            {"unit": Unit.CORES},
            {"ready": 9, "ready_cores": 8, "cores": 8},
            1,
            id="jobs do not matter in cores",
        ),
        pytest.param({}, {"ready": 2, "ready_cores": 64, "cores": 8}, 2, id="cores do not matter in jobs"),
        pytest.param(
            {"unit": Unit.CORES, "offset": 1},
            {"ready_cores": 64, "cores": 8, "pending": 3},
            4,
            id="offset and pending are pilots",
        ),
    ],
)
def test_it_asks_for_ready_work_without_a_pilot(options, seen, result):
    assert Ready(**options)(0, observed(**seen)) == result


@pytest.mark.parametrize("count", [-5, 0, 5])
def test_it_ignores_the_count_it_is_given(count):
    assert Ready()(count, observed(ready=3)) == 3
