"""A pilot takes what fits, tells the queue how it ended, and gives back what it cannot finish."""

import os
from pathlib import Path
from typing import Any

import pytest

from autopyfactory.clients.workstation import job_file, pulled_jobs
from autopyfactory.clients.workstation.berth import Berth, Stage, move
from autopyfactory.clients.workstation.jobs import Job, JobQueue, State
from autopyfactory.clients.workstation.launch import Setup
from autopyfactory.clients.workstation.pulled_jobs import PulledJobs
from autopyfactory.testing import until
from workstation import birth


@pytest.fixture
def queue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> JobQueue:
    monkeypatch.setattr(pulled_jobs, "LOOK", 0.0)
    return JobQueue(tmp_path / "jobs")


@pytest.fixture
def berth(tmp_path: Path) -> Berth:
    return Berth(str(tmp_path / "pilots"), "pilot", birth())


def work(berth: Berth, queue: JobQueue, **setup: Any) -> PulledJobs:
    told = {"slots": 4, "cores": 1, "jobs": str(queue.path), "idle_exit": 60.0, **setup}
    return PulledJobs(berth, Setup(**told), str(queue.path.parent / "log"))


def goes_on(shift: PulledJobs, queue: JobQueue, state: State, count: int = 1) -> list[Job]:
    """Step until so many jobs are at a state; these jobs."""
    found: list[Job] = []

    def shows() -> bool:
        assert shift.step() == ""
        found[:] = queue.jobs(states=[state])
        return len(found) == count

    assert until(shows)
    return found


def test_jobs_run_one_after_the_other(berth: Berth, queue: JobQueue, tmp_path: Path) -> None:
    queue.add(["sh", "-c", "echo $APF_JOB $APF_JOB_CORES $APF_JOB_LABEL"], label="x", count=3)
    done = goes_on(work(berth, queue), queue, State.DONE, 3)
    assert [Path(f"{job.output}.out").read_text() for job in done] == ["1 1 x\n", "2 1 x\n", "3 1 x\n"]
    assert {(job.pilot, job.exit_code, job.starts) for job in done} == {("pilot", 0, 1)}
    assert berth.stage is Stage.IDLE


def test_a_job_starts_in_its_folder(berth: Berth, queue: JobQueue, tmp_path: Path) -> None:
    queue.add(["pwd"], directory="/")
    (job,) = goes_on(work(berth, queue), queue, State.DONE)
    assert Path(f"{job.output}.out").read_text() == "/\n"


def test_as_many_jobs_run_at_once_as_have_room(berth: Berth, queue: JobQueue) -> None:
    queue.add(["sleep", "60"], cores=2)
    queue.add(["sleep", "60"], cores=2)
    queue.add(["sleep", "60"], count=3)
    shift = work(berth, queue, cores=3)
    assert [job.id for job in goes_on(shift, queue, State.RUNNING, 2)] == [1, 3]
    assert berth.stage is Stage.RUNNING
    shift.stop("over")
    assert {job.state for job in queue.jobs()} == {State.READY}


def test_only_jobs_of_its_label_are_taken(berth: Berth, queue: JobQueue) -> None:
    queue.add(["true"], label="a")
    queue.add(["true"], label="b")
    (job,) = goes_on(work(berth, queue, label="b"), queue, State.DONE)
    assert job.label == "b"


@pytest.mark.parametrize(
    ("arguments", "code", "reason"),
    [
        (["sh", "-c", "exit 3"], 3, ""),
        (["sh", "-c", "kill -9 $$"], -9, "ended by signal 9"),
        (["no-such-program"], 127, "no-such-program"),
    ],
)
def test_a_job_that_fails_says_how(
    berth: Berth, queue: JobQueue, arguments: list[str], code: int, reason: str
) -> None:
    queue.add(arguments)
    (job,) = goes_on(work(berth, queue), queue, State.FAILED)
    assert job.exit_code == code
    assert reason in job.reason


def test_the_job_of_a_lost_pilot_is_taken_over(berth: Berth, queue: JobQueue) -> None:
    queue.add(["true"])
    lost = queue.claim("other")
    assert lost is not None
    shift = work(berth, queue)
    assert shift.step() == ""
    assert [job.pilot for job in queue.jobs()] == ["other"]
    os.close(lost.lock)
    (job,) = goes_on(shift, queue, State.DONE)
    assert (job.pilot, job.starts, job.losses) == ("pilot", 2, 1)


def test_it_ends_when_it_finds_no_job_for_a_while(berth: Berth, queue: JobQueue) -> None:
    queue.add(["true"])
    shift = work(berth, queue, idle_exit=0.0)
    assert until(lambda: shift.step() == "found no job for 0 s")
    assert [job.state for job in queue.jobs()] == [State.DONE]


def test_it_takes_no_job_after_its_max_time_but_finishes_those_that_run(
    berth: Berth, queue: JobQueue
) -> None:
    queue.add(["true"], count=2)
    assert work(berth, queue, max_time=0.0).step() == "takes no further job after its max_time"
    assert {job.state for job in queue.jobs()} == {State.READY}


def test_one_that_is_told_to_end_takes_no_job(berth: Berth, queue: JobQueue) -> None:
    queue.add(["true"])
    berth.move(Stage.IDLE)
    move(berth.folder, "pilot", Stage.IDLE, Stage.RETIRING)
    work(berth, queue).step()
    assert [job.starts for job in queue.jobs()] == [0]
    assert work(berth, JobQueue(berth.folder), idle_exit=0.0).step() == "found no job for 0 s"


def test_one_that_is_told_to_end_while_it_waits_says_so(berth: Berth, queue: JobQueue) -> None:
    move(berth.folder, "pilot", Stage.PENDING, Stage.RETIRING)
    queue.add(["true"])
    assert work(berth, queue).step() == "retired"


def test_a_job_that_somebody_else_was_faster_to_take_leaves_it_idle(
    berth: Berth, queue: JobQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue.add(["true"])
    queue.clear()
    monkeypatch.setattr(JobQueue, "has_ready", lambda *_: True)
    assert work(berth, queue).step() == ""
    assert berth.stage is Stage.IDLE


def test_without_a_queue_it_waits_and_complains_once(
    berth: Berth, queue: JobQueue, capsys: pytest.CaptureFixture[str]
) -> None:
    shift = work(berth, queue)
    assert [shift.step() for _ in range(3)] == [""] * 3
    assert capsys.readouterr().out.count("no job queue at") == 1
    queue.add(["true"])
    goes_on(shift, queue, State.DONE)


def test_the_end_of_a_job_is_told_again_until_the_queue_hears_it(
    berth: Berth, queue: JobQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue.add(["true"])
    shift = work(berth, queue)
    assert shift.step() == ""
    monkeypatch.setattr(job_file, "PATIENCE", 0.01)
    with job_file.opened(queue.path, writes=True):
        assert until(lambda: shift.step() == "" and bool(shift._ended))
        assert [job.state for job in queue.jobs()] == [State.RUNNING]
    monkeypatch.undo()
    goes_on(shift, queue, State.DONE)


def test_it_does_not_tell_the_end_of_a_job_for_ever(
    berth: Berth, queue: JobQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulled_jobs, "STUBBORN", 0.0)
    queue.add(["true"])
    shift = work(berth, queue, idle_exit=0.0)
    assert shift.step() == ""
    queue.path.unlink()
    assert until(lambda: shift.step() == "found no job for 0 s")


def test_what_runs_when_it_ends_goes_back_to_the_queue(berth: Berth, queue: JobQueue) -> None:
    queue.add(["sleep", "60"])
    shift = work(berth, queue)
    goes_on(shift, queue, State.RUNNING)
    shift.stop("terminated")
    (job,) = queue.jobs()
    assert (job.state, job.losses, job.reason) == (State.READY, 0, "its pilot pilot ended: terminated")


def test_a_stopped_job_that_comes_to_a_good_end_is_done(
    berth: Berth, queue: JobQueue, tmp_path: Path
) -> None:
    queue.add(["sh", "-c", "trap 'exit 0' TERM; echo up; while :; do sleep 0.05; done"])
    shift = work(berth, queue)
    (job,) = goes_on(shift, queue, State.RUNNING)
    assert until(lambda: Path(f"{job.output}.out").read_text() == "up\n")
    shift.stop("terminated")
    assert [job.state for job in queue.jobs()] == [State.DONE]


def test_a_job_that_ended_is_done_although_its_pilot_is_stopped(berth: Berth, queue: JobQueue) -> None:
    queue.add(["true"])
    shift = work(berth, queue)
    assert shift.step() == ""
    assert until(lambda: all(payload.has_ended() for payload in shift._running))
    shift.stop("terminated")
    assert [job.state for job in queue.jobs()] == [State.DONE]


def test_a_job_that_cannot_be_given_back_is_found_by_its_lost_lock(
    berth: Berth, queue: JobQueue, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    queue.add(["sleep", "60"])
    shift = work(berth, queue)
    goes_on(shift, queue, State.RUNNING)
    queue.path.rename(queue.path.with_name("away"))
    shift.stop("terminated")
    assert "no job queue at" in capsys.readouterr().out
