"""The published examples of chains, and those derived from their formulas, step by step.

They are B1 to B15 of the field's old reference.  B9 and B10, a work source that does not answer, are
not here: a policy never sees an unknown demand, the core decides about it (`when_unknown`).  Where the
old default did harm, the option that brings it back is given, and beside it what ours does instead.
"""

from itertools import accumulate

import pytest

from autopyfactory.model import Ended, SiteStatus
from autopyfactory.policies.fixed import Fixed
from autopyfactory.policies.keep_n_running import KeepNRunning
from autopyfactory.policies.max_pending import MaxPending
from autopyfactory.policies.max_per_cycle import MaxPerCycle
from autopyfactory.policies.max_per_factory import MaxPerFactory
from autopyfactory.policies.max_to_run import MaxToRun
from autopyfactory.policies.min_per_cycle import MinPerCycle
from autopyfactory.policies.ready import Ready
from autopyfactory.policies.scale import Scale
from autopyfactory.policies.status_offline import StatusOffline
from autopyfactory.policies.status_test import StatusTest
from autopyfactory.policies.throttle import Throttle
from observed import CLOCK, observed

B1 = [
    Ready(),
    Scale(factor=0.5),
    MaxPerCycle(limit=100),
    MinPerCycle(limit=1),
    StatusTest(pilots=3),
    StatusOffline(pilots=0),
    MaxPending(limit=10),
]
B2 = [
    Ready(offset=4),
    Scale(factor=0.5),
    StatusTest(pilots=3),
    MaxPerCycle(limit=100),
    MinPerCycle(limit=0),
    MaxPending(limit=25),
    StatusOffline(pilots=1),
]
B3 = [
    Ready(offset=0),
    Scale(factor=0.25),
    MaxPerCycle(limit=100),
    MinPerCycle(limit=1),
    StatusTest(),
    StatusOffline(),
    MaxPending(limit=10),
]
B4 = [Ready(), Scale(factor=0.0277777777778)]
B11 = [Ready(), MinPerCycle(limit=1), StatusOffline(pilots=0)]
B12 = [Ready(), StatusTest(pilots=1), MaxPending(limit=25)]
B14 = [Fixed(count=10), MaxPerFactory(limit=100)]
TEST, OFFLINE = {"status": SiteStatus.TEST}, {"status": SiteStatus.OFFLINE}
PILOTS = [Ended(end=CLOCK - 60, run_time=2.0)] * 6 + [Ended(end=CLOCK - 60, run_time=600.0)] * 4


@pytest.mark.parametrize(
    ("seen", "chain", "steps"),
    [
        pytest.param(
            {"ready": 1234, "pending": 5, "running": 50}, B1, [1229, 615, 100, 100, 100, 100, 5], id="B1"
        ),
        pytest.param({"ready": 100, "pending": 10, "running": 8}, B2, [86, 43, 43, 43, 43, 15, 15], id="B2"),
        pytest.param({"ready": 83, "pending": 10, "running": 17}, B3, [73, 19, 19, 19, 19, 19, 0], id="B3"),
        pytest.param({"ready": 1}, B4, [1, 1], id="B4"),
        pytest.param(
            {"ready": 500}, [Ready(), MaxPending(limit=10, unlimited_when_idle=True)], [500, 500], id="B5"
        ),
        pytest.param({"ready": 500}, [Ready(), MaxPending(limit=10)], [500, 10], id="B5, ours"),
        pytest.param(
            {"ready": 500, "pending": 12},
            [Ready(), MaxPending(limit=10, may_retire=True)],
            [488, -2],
            id="B6",
        ),
        pytest.param(
            {"ready": 500, "pending": 12},
            [Ready(), MaxPending(limit=10)],
            [488, 0],
            id="B6, ours and allow_negative False",
        ),
        pytest.param({"pending": 2, "running": 6}, [KeepNRunning(count=5)], [-3], id="B7"),
        pytest.param({"pending": 1, "running": 1}, [Fixed(count=5), KeepNRunning()], [5, 3], id="B8"),
        pytest.param({"ready": 10, **OFFLINE}, B11, [10, 10, 0], id="B11"),
        pytest.param({"ready": 10, **TEST}, B12, [10, 1, 1], id="B12"),
        pytest.param(
            {"ready": 50, "pending": 20, "running": 100},
            [Ready(), MaxToRun(limit=110, may_retire=True)],
            [30, -10],
            id="B13",
        ),
        pytest.param(
            {"ready": 50, "pending": 20, "running": 100},
            [Ready(), MaxToRun(limit=110)],
            [30, 0],
            id="B13, ours",
        ),
        pytest.param({"factory": 95}, B14, [10, 5], id="B14"),
        pytest.param({"factory": 100}, B14, [10, 0], id="B14, full"),
        pytest.param({"factory": 101}, B14, [10, 0], id="B14, above"),
        pytest.param({"ended": PILOTS}, [Throttle(ratio=0.5, submit=1)], [1], id="B15"),
    ],
)
def test_a_known_chain_gives_its_known_steps(seen, chain, steps):
    facts = observed(**seen)
    counts = accumulate(chain, lambda count, policy: policy(count, facts), initial=0)
    assert list(counts)[1:] == steps
