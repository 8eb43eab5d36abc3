"""HTCondor as a work source: the jobs of a real schedd, counted by constraint."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autopyfactory.clients.condor.options import Job
from autopyfactory.errors import Unavailable
from autopyfactory.model import Demand, Order, Place
from autopyfactory.sources.htcondor import HTCondorSource, HTCondorSourceOptions, HTCondorWork
from autopyfactory.targets.htcondor import HTCondorTarget, HTCondorTargetOptions
from autopyfactory.testing import SourceContract, until
from pools import Pool

Count = Callable[..., Any]


@pytest.fixture
def section(other_pool: Pool) -> HTCondorSourceOptions:
    return HTCondorSourceOptions(config=other_pool.config)


@pytest.fixture
def count(home: Path, factory: str) -> Iterator[Count]:
    """Counts by constraints at a pool; clears the pool afterwards."""
    used: list[tuple[Pool, HTCondorSource]] = []
    place = Place(section="wms", factory=factory, logs=str(home / "logs"), state=str(home / "state"))

    def count(pool: Pool, *constraints: str, **options: Any) -> list[Demand | Unavailable]:
        section = HTCondorSourceOptions.model_validate({"config": pool.config, **options})
        used.append((pool, HTCondorSource(section, place)))
        works = [HTCondorWork.model_construct(constraint=text) for text in constraints]
        answer = used[-1][1].demand(works)
        return [answer[work] for work in works]

    yield count
    for _, source in used:
        source.close()
    for pool in {pool for pool, _ in used}:
        pool.clear()


class TestHTCondorSource(SourceContract):
    """What every source promises."""

    plugin = HTCondorSource

    @pytest.fixture
    def section(self, other_pool: Pool) -> HTCondorSourceOptions:
        return HTCondorSourceOptions(config=other_pool.config)

    @pytest.fixture
    def works(self) -> list[HTCondorWork]:
        return [HTCondorWork(constraint=text) for text in ("true", 'Kind == "a"', "RequestCpus > 4")]


def test_jobs_and_cores_are_counted_by_state(count: Count, pool: Pool) -> None:
    pool.submit(2, My_Kind='"a"', request_cpus="4", hold="true")
    pool.submit(3, My_Kind='"a"', request_cpus="2", requirements="false")
    pool.submit(1, My_Kind='"b"', request_cpus="8", requirements="false")
    pool.submit(2, My_Kind='"a"', request_cpus="1")
    assert until(lambda: len(pool.jobs("JobStatus == 2", "ProcId")) == 2)
    (found,) = count(pool, 'Kind == "a"')
    assert found == Demand(ready=3, ready_cores=6, running=2, running_cores=2, held=2, held_cores=8)


def test_one_schedd_may_hold_work_and_pilots(
    count: Count, other_pool: Pool, home: Path, factory: str
) -> None:
    other_pool.submit(5, My_Kind='"a"')
    place = Place(section="ce", factory=factory, logs=str(home / "logs"), state=str(home / "state"))
    target = HTCondorTarget(HTCondorTargetOptions(config=other_pool.config), place)
    target.submit(Order(queue="ALPHA", pilot=Job(executable="/bin/sleep"), count=7, tag="t"))
    target.close()
    assert [demand.ready for demand in count(other_pool, "true")] == [5]
    assert [demand.ready for demand in count(other_pool, "true", pilots=True)] == [12]


@pytest.mark.parametrize("max_tuples", [10_000, 1])
def test_every_way_to_select_counts_the_same_in_groups_and_one_by_one(
    count: Count, other_pool: Pool, max_tuples: int
) -> None:
    other_pool.submit(3, My_Kind='"a"', priority="$(Process)")
    other_pool.submit(2, My_Kind='strcat("a", "b")', My_Base="4", request_cpus="MY.Base * 2")
    other_pool.submit(1, My_Flag="true", universe="vanilla")
    expected = {
        "true": (6, 20),
        "1": (6, 20),
        "FALSE": (0, 0),
        'Kind == "A"': (3, 3),
        'Kind =?= "A"': (0, 0),
        "MY.JobPrio >= 1": (2, 2),
        'Kind == "ab"': (2, 16),
        "RequestCpus > 4": (2, 16),
        "Flag": (1, 1),
        "NoSuchAttribute == 5": (0, 0),
        "TARGET.Memory > 5": (0, 0),
        "time() - QDate < 1000": (6, 20),
        "CurrentTime - QDate < 1000": (6, 20),
        'regexp("^a.$", Kind) // those with two letters': (2, 16),
        "ProcId == 0": (3, 10),
        'stringListMember(Kind, "a,c")': (3, 3),
        'Kind == "a" ? JobPrio == 0 : false': (1, 1),
    }
    found = count(other_pool, *expected, max_tuples=max_tuples)
    assert {
        text: (demand.ready, demand.ready_cores) for text, demand in zip(expected, found, strict=True)
    } == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('Kind == "a', "is no ClassAd expression"),
        ("true) || (true", "is no ClassAd expression"),
        ("true; other = 1", "is no ClassAd expression"),
        ("Kind = 5", "is no ClassAd expression"),
        ("nosuchfunction(Kind)", "is a function misspelt"),
    ],
)
def test_a_wrong_constraint_spoils_only_its_own_answer(
    count: Count, other_pool: Pool, text: str, words: str
) -> None:
    other_pool.submit(2)
    wrong, right = count(other_pool, text, "true")
    assert isinstance(wrong, Unavailable)
    assert repr(text) in str(wrong)
    assert words in str(wrong)
    assert right.ready == 2


@pytest.mark.parametrize("command", ["max_idle", "max_materialize"])
def test_jobs_that_are_still_to_be_made_count_as_waiting(
    count: Count, other_pool: Pool, command: str
) -> None:
    other_pool.submit(50, My_Kind='"late"', request_cpus="2", **{command: "3"})
    assert until(lambda: len(other_pool.jobs("true", "ProcId")) == 3)
    late, others = count(other_pool, 'Kind == "late"', 'Kind == "never"')
    assert late == Demand(ready=50, ready_cores=100)
    assert others == Demand()


def test_jobs_that_are_still_to_be_made_are_held_with_their_cluster(count: Count, other_pool: Pool) -> None:
    cluster = other_pool.submit(50, My_Kind='"late"', max_idle="3")
    assert until(lambda: len(other_pool.jobs("true", "ProcId")) == 3)
    other_pool.tool("condor_hold", str(cluster))
    assert until(lambda: count(other_pool, "true") == [Demand(held=50, held_cores=50)])


def test_jobs_that_no_pilot_can_run_are_left_out(count: Count, other_pool: Pool) -> None:
    other_pool.submit(1, universe="scheduler", hold="true")
    other_pool.submit(1, universe="local", hold="true")
    other_pool.submit(1, universe="grid", grid_resource="batch slurm", hold="true")
    assert count(other_pool, "true") == [Demand()]


def test_a_probe_names_the_attribute_that_makes_counting_slow(
    other_pool: Pool, home: Path, factory: str, caplog: pytest.LogCaptureFixture
) -> None:
    place = Place(section="wms", factory=factory, logs=str(home), state=str(home))
    source = HTCondorSource(HTCondorSourceOptions(config=other_pool.config, max_tuples=5), place)
    try:
        other_pool.submit(10)
        works = [HTCondorWork(constraint=text) for text in ("ProcId >= 2", "true")]
        assert source.probe() == []
        for _ in range(2):
            assert [demand.ready for demand in source.demand(works).values()] == [8, 10]
        (said,) = source.probe()
        assert said.startswith("constraints name procid, which has 6 or more different values")
        assert len(caplog.records) == 1
    finally:
        source.close()
        other_pool.clear()
