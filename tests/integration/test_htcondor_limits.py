"""The limits of a real schedd: what is beyond one is rejected, all of it, with the name of the limit."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from autopyfactory.clients.condor.options import Job
from autopyfactory.errors import Rejected
from autopyfactory.model import Order, Place
from autopyfactory.targets.htcondor import HTCondorTarget, HTCondorTargetOptions
from pools import FEW, Pool, up

ALLOWED = 3
WARNS = """
SUBMIT_REQUIREMENT_NAMES = Small
SUBMIT_REQUIREMENT_Small = RequestCpus < 2
SUBMIT_REQUIREMENT_Small_IS_WARNING = True
SUBMIT_REQUIREMENT_Small_REASON = "more cores than one"
"""


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


@contextmanager
def target_at(pool: Pool, home: Path, factory: str) -> Iterator[HTCondorTarget]:
    place = Place(section="ce", factory=factory, logs=str(home / "logs"), state=str(home / "state"))
    with closing(HTCondorTarget(HTCondorTargetOptions(config=pool.config), place)) as target:
        yield target


@pytest.fixture
def target(limited: Pool, home: Path, factory: str) -> Iterator[HTCondorTarget]:
    with target_at(limited, home, factory) as target:
        yield target
    limited.clear()


def order(count: int, tag: str, cores: int = 1) -> Order[Job]:
    return Order(queue="ALPHA", pilot=Job(executable="/bin/true", cores=cores), count=count, tag=tag)


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


def test_what_a_schedd_warns_of_is_said_once_and_stops_nothing(
    home: Path, factory: str, caplog: pytest.LogCaptureFixture
) -> None:
    with up(Pool("warning", daemons=FEW, extra=WARNS)) as pool, target_at(pool, home, factory) as target:
        for tag, cores in (("first", 2), ("second", 2), ("third", 1)):
            assert len(target.submit(order(1, tag, cores))) == 1
    told = [record.getMessage() for record in caplog.records]
    [warning] = [words for words in told if words.startswith("queue ALPHA: HTCondor says of its pilot: ")]
    assert "more cores than one" in warning
