"""The local source counts the jobs of one file by label and cores."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from autopyfactory.clients.workstation.jobs import JobQueue, State
from autopyfactory.errors import Unavailable
from autopyfactory.model import Demand
from autopyfactory.sources.local import LocalSection, LocalSource, LocalWork
from autopyfactory.testing import SourceContract
from workstation import Workstation


@pytest.fixture
def queue(tmp_path: Path) -> JobQueue:
    queue = JobQueue(tmp_path / "jobs")
    queue.add(["true"], label="a", count=3)
    queue.add(["true"], label="a", cores=8)
    queue.add(["true"], label="b", cores=4, count=2)
    return queue


class TestLocalSource(SourceContract):
    plugin = LocalSource

    @pytest.fixture
    def section(self, queue: JobQueue) -> LocalSection:
        return LocalSection(jobs=queue.path)

    @pytest.fixture
    def works(self) -> Sequence[LocalWork]:
        return [LocalWork(), LocalWork(label="a"), LocalWork(label="none"), LocalWork(max_cores=4)]


@pytest.fixture
def source(queue: JobQueue, tmp_path: Path) -> LocalSource:
    return LocalSource(LocalSection(jobs=queue.path), Workstation(tmp_path).place())


@pytest.mark.parametrize(
    ("work", "expected"),
    [
        (LocalWork(), Demand(ready=4, running=2, ready_cores=17, running_cores=2)),
        (LocalWork(label="a"), Demand(ready=2, running=2, ready_cores=9, running_cores=2)),
        (LocalWork(label="a", max_cores=7), Demand(ready=1, running=2, ready_cores=1, running_cores=2)),
        (LocalWork(label="b"), Demand(ready=2, ready_cores=8)),
        (LocalWork(max_cores=4), Demand(ready=3, running=2, ready_cores=9, running_cores=2)),
        (LocalWork(label="none"), Demand()),
    ],
)
def test_it_counts_ready_and_running_in_jobs_and_cores(
    source: LocalSource, queue: JobQueue, work: LocalWork, expected: Demand
) -> None:
    for _ in range(2):
        queue.claim("pilot")
    assert source.demand([work]) == {work: expected}


def test_what_ended_is_no_work(source: LocalSource, queue: JobQueue) -> None:
    for code in (0, 1):
        claim = queue.claim("pilot")
        assert claim is not None
        queue.finish(claim, code)
    (demand,) = source.demand([LocalWork(label="a")]).values()
    assert (demand.ready, demand.running) == (2, 0)


def test_the_job_of_a_dead_pilot_is_ready_again(source: LocalSource, queue: JobQueue) -> None:
    claim = queue.claim("pilot")
    assert claim is not None
    work = LocalWork(label="a")
    assert source.demand([work])[work].running == 1
    os.close(claim.lock)
    assert source.demand([work])[work].running == 0
    assert source.demand([work])[work].ready == 4
    assert queue.jobs(states=[State.READY])[0].losses == 1


def test_a_queue_that_is_not_there_is_unknown_and_not_zero(tmp_path: Path) -> None:
    source = LocalSource(LocalSection(), Workstation(tmp_path).place())
    with pytest.raises(Unavailable, match=r"ours/state/jobs\.sqlite: the first 'apf jobs add' makes it"):
        source.demand([LocalWork()])
    assert "no job queue at" in source.probe()[0]


def test_it_finds_no_trouble_with_a_queue_that_is_there(source: LocalSource) -> None:
    assert source.probe() == []
