"""HTCondor as a source, without HTCondor: what jobs by state come to.  The rest is in integration/."""

import pytest
from pydantic import ValidationError

from autopyfactory.errors import Unavailable
from autopyfactory.model import Demand
from autopyfactory.sources.htcondor import HTCondorWork, to_demand


def test_every_state_of_a_job_has_its_place() -> None:
    counts = {str(state): [state, state * 10] for state in (1, 2, 3, 4, 5, 6, 7)}
    assert to_demand(counts) == Demand(
        ready=1, ready_cores=10, running=15, running_cores=150, held=5, held_cores=50
    )
    assert to_demand({}) == Demand()


def test_a_wrong_constraint_is_unknown_and_not_zero() -> None:
    found = to_demand({"error": "no expression"})
    assert isinstance(found, Unavailable)
    assert str(found) == "no expression"


@pytest.mark.parametrize("text", ["", "Kind = 5", "(a"])
def test_a_constraint_with_a_slip_is_refused_when_it_is_read(text: str) -> None:
    with pytest.raises(ValidationError, match="is no ClassAd expression"):
        HTCondorWork(constraint=text)
