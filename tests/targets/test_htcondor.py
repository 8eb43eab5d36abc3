"""HTCondor as a target, without HTCondor: what jobs by state come to.  The rest is in integration/."""

import pytest

from autopyfactory.errors import Unavailable
from autopyfactory.model import Place, Supply
from autopyfactory.targets.htcondor import HTCondorTarget, HTCondorTargetOptions, to_supply


def test_every_state_of_a_job_has_its_place() -> None:
    counts = {1: 10, 2: 5, 3: 4, 4: 100, 5: 3, 6: 2, 7: 1}
    assert to_supply(counts, (), 5.0) == Supply(pending=10, running=8, held=3, retiring=4, clock=5.0)


def test_no_more_pilots_began_than_run_and_the_newest_count() -> None:
    assert to_supply({2: 2}, [3.0, 1.0, 2.0], 0.0).starts == (2.0, 3.0)
    assert to_supply({}, [1.0], 0.0).starts == ()


def test_a_closed_target_answers_no_more() -> None:
    target = HTCondorTarget(
        HTCondorTargetOptions(), Place(section="ce", factory="f", logs="logs", state="state")
    )
    target.close()
    with pytest.raises(Unavailable, match="is closed"):
        target.supply(["ALPHA"])
