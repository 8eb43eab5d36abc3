"""The limits of a real schedd: what is beyond one is rejected, all of it, with the name of the limit."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from autopyfactory.clients.condor.options import Job
from autopyfactory.errors import Rejected
from autopyfactory.model import Order, Place
from autopyfactory.targets.htcondor import HTCondorTarget, HTCondorTargetOptions
from pools import FEW, Pool, up

ALLOWED = 3


@pytest.fixture(
    scope="module", params=["MAX_JOBS_PER_SUBMISSION", "MAX_JOBS_PER_OWNER", "MAX_JOBS_SUBMITTED"]
)
def limit(request: pytest.FixtureRequest) -> str:
    """The limit of which a schedd allows so few."""
    return str(request.param)


@pytest.fixture(scope="module")
def limited(limit: str) -> Iterator[Pool]:
    """The pool of that schedd."""
    with up(Pool("limited", daemons=FEW, extra=f"{limit} = {ALLOWED}\n")) as pool:
        yield pool


@pytest.fixture
def target(limited: Pool, home: Path, factory: str) -> Iterator[HTCondorTarget]:
    place = Place(section="ce", factory=factory, logs=str(home / "logs"), state=str(home / "state"))
    with closing(HTCondorTarget(HTCondorTargetOptions(config=limited.config), place)) as target:
        yield target
    limited.clear()


def order(count: int, tag: str) -> Order[Job]:
    return Order(queue="ALPHA", pilot=Job(executable="/bin/true"), count=count, tag=tag)


def test_what_is_beyond_a_limit_is_rejected_whole_with_its_name(target: HTCondorTarget, limit: str) -> None:
    with pytest.raises(Rejected, match=limit):
        target.submit(order(ALLOWED + 1, "beyond"))
    assert target.supply(["ALPHA"])["ALPHA"].pilots == 0
    assert target.tagged(["beyond"]) == {}
    assert len(target.submit(order(ALLOWED, "first"))) == ALLOWED
    if limit == "MAX_JOBS_PER_SUBMISSION":
        assert len(target.submit(order(ALLOWED, "second"))) == ALLOWED
        return
    with pytest.raises(Rejected, match=limit):
        target.submit(order(1, "second"))
    assert target.supply(["ALPHA"])["ALPHA"].pilots == ALLOWED
