"""HTCondor as a target, without HTCondor: what jobs by state come to.  The rest is in integration/."""

from typing import Any

import pytest

from autopyfactory.clients.condor.options import Job
from autopyfactory.errors import ConfigError, Unavailable
from autopyfactory.model import Order, Place, Supply
from autopyfactory.targets.htcondor import HTCondorTarget, HTCondorTargetOptions, to_supply
from rig import Rig


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


def target(**options: Any) -> HTCondorTarget:
    section = HTCondorTargetOptions.model_validate(options)
    return HTCondorTarget(section, Place(section="ce", factory="f", logs="/logs", state="/state"))


def test_only_pilots_that_are_spooled_stay_until_their_output_is_fetched() -> None:
    pilot = Job.model_validate({"executable": "/bin/true"})
    order = Order(queue="ALPHA", pilot=pilot, count=2, tag="t")
    assert "leave_in_queue" not in target().render(order)
    text = target(spool=True, keep_output="2h").render(order)
    assert "time() - EnteredCurrentStatus < 7200\n" in text


def test_pilots_that_are_spooled_cannot_be_made_later() -> None:
    late = Job.model_validate({"executable": "/bin/true", "max_idle": 5})
    target().check(late)
    target(spool=True).check(late.model_copy(update={"max_idle": None}))
    with pytest.raises(ConfigError, match="max_idle does not go with"):
        target(spool=True).check(late)


def test_a_closed_target_with_a_courier_sends_none_out() -> None:
    closed = target(spool=True)
    closed.close()
    with pytest.raises(Unavailable, match="is closed"):
        closed.supply(["ALPHA"])


def test_only_where_pilots_are_spooled_it_matters_how_proxies_travel() -> None:
    assert HTCondorTargetOptions(delegate=False).identity == HTCondorTargetOptions().identity
    for delegate in (True, False):
        settings = dict(HTCondorTargetOptions(spool=True, delegate=delegate).identity.settings)
        assert settings["DELEGATE_JOB_GSI_CREDENTIALS"] == str(delegate)
        assert settings["DELEGATE_JOB_GSI_CREDENTIALS_LIFETIME"] == "0"


def test_a_credential_of_another_type_is_refused_when_it_is_made() -> None:
    place = Place(section="ce", factory="f", logs="logs", state="state")
    rig = Rig()
    _, proxy = rig.credential()
    with pytest.raises(ConfigError, match="'robot' is of type x509, and must be an idtoken"):
        HTCondorTarget(HTCondorTargetOptions(credential="robot"), place, [proxy])
    rig.close()
