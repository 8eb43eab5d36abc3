"""A pilot waits for its slots, works, hears that it is to end, and says why it ended."""

import os
import shutil
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from autopyfactory.clients.workstation.berth import Stage, move
from autopyfactory.clients.workstation.jobs import JobQueue, State
from autopyfactory.clients.workstation.slots import Slots
from autopyfactory.clients.workstation.spool import Spool
from autopyfactory.testing import until
from workstation import make_pilot, signals_kept


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    with signals_kept():
        yield


@pytest.fixture
def queue(tmp_path: Path) -> JobQueue:
    queue = JobQueue(tmp_path / "jobs.sqlite")
    queue.add(["true"])
    return queue


def when(question, act) -> threading.Thread:
    """Act in another thread as soon as the answer is yes."""
    thread = threading.Thread(target=lambda: until(question) and act())
    thread.start()
    return thread


def test_a_pilot_runs_jobs_and_ends(
    tmp_path: Path, queue: JobQueue, capsys: pytest.CaptureFixture[str]
) -> None:
    _, pilot = make_pilot(tmp_path, idle_exit=0.3)
    assert pilot.run() == "found no job for 0.3 s"
    assert [job.state for job in queue.jobs()] == [State.DONE]
    (record,) = Spool(tmp_path / "pilots", "ours").records()
    assert (record.stage, record.reason) == (Stage.ENDED, "found no job for 0.3 s")
    assert record.run_time >= 0.3
    said = capsys.readouterr().out
    assert f"is process {os.getpid()}, waits for 1 of 4 slots" in said
    assert "pilot ends: found no job for 0.3 s" in said


def test_a_pilot_runs_its_one_program(tmp_path: Path) -> None:
    _, pilot = make_pilot(tmp_path, arguments=("sh", "-c", "exit 3"))
    assert pilot.run() == "exit code 3"


def test_a_pilot_without_slots_waits_and_can_be_retired(tmp_path: Path, queue: JobQueue) -> None:
    others = Slots(str(tmp_path / "pilots"), 4, 4)
    assert others.take()
    _, pilot = make_pilot(tmp_path)
    spool = Spool(tmp_path / "pilots", "ours")
    thread = when(
        lambda: [r.stage for r in spool.records()] == ["pending"], lambda: spool.retire(spool.records()[0])
    )
    assert pilot.run() == "retired"
    thread.join(30)
    assert [job.starts for job in queue.jobs()] == [0]
    assert [record.run_time for record in spool.records()] == [0.0]
    others.close()


def test_a_pilot_begins_when_slots_are_free(tmp_path: Path, queue: JobQueue) -> None:
    others = Slots(str(tmp_path / "pilots"), 4, 4)
    assert others.take()
    _, pilot = make_pilot(tmp_path)
    spool = Spool(tmp_path / "pilots", "ours")
    thread = when(spool.records, others.close)
    assert pilot.run() == "found no job for 0 s"
    thread.join(30)
    assert [job.state for job in queue.jobs()] == [State.DONE]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_a_pilot_and_its_job_goes_back(tmp_path: Path, queue: JobQueue, number) -> None:
    queue.clear()
    queue.add(["sleep", "60"])
    _, pilot = make_pilot(tmp_path)
    thread = when(lambda: queue.jobs(states=[State.RUNNING]), lambda: os.kill(os.getpid(), number))
    assert pilot.run() == f"terminated by {number.name}"
    thread.join(30)
    (job,) = queue.jobs()
    assert (job.state, job.losses) == (State.READY, 0)


def test_a_pilot_that_is_retired_with_a_job_gives_it_back(tmp_path: Path, queue: JobQueue) -> None:
    queue.clear()
    queue.add(["sleep", "60"])
    berth, pilot = make_pilot(tmp_path)
    thread = when(
        lambda: queue.jobs(states=[State.RUNNING]),
        lambda: move(berth.folder, berth.identifier, Stage.RUNNING, Stage.RETIRING),
    )
    assert pilot.run() == "retired"
    thread.join(30)
    assert [job.state for job in queue.jobs()] == [State.READY]


def test_a_pilot_restores_its_record(tmp_path: Path, queue: JobQueue) -> None:
    _, pilot = make_pilot(tmp_path, idle_exit=60.0)
    folder = tmp_path / "pilots"
    restored: list[bool] = []

    def remove() -> None:
        shutil.rmtree(folder)
        restored.append(until(lambda: (folder / "pilot-0.json").exists()))
        os.kill(os.getpid(), signal.SIGTERM)

    thread = when(lambda: (folder / "pilot-0.idle").exists(), remove)
    assert pilot.run() == "terminated by SIGTERM"
    thread.join(30)
    assert restored == [True]


def test_a_pilot_whose_own_program_fails_says_so_and_frees_its_slots(
    tmp_path: Path, queue: JobQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> bool:
        raise RuntimeError("broken")

    monkeypatch.setattr(JobQueue, "has_ready", fail)
    _, pilot = make_pilot(tmp_path)
    with pytest.raises(RuntimeError):
        pilot.run()
    assert [record.reason for record in Spool(tmp_path / "pilots", "ours").records()] == ["failed"]
    slots = Slots(str(tmp_path / "pilots"), 4, 4)
    assert slots.take()
    slots.close()
