"""A queue gives every job to one pilot at a time, and gets it back when that pilot is lost."""

import os
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from autopyfactory.clients.workstation.jobs import Claim, JobQueue, State, Tally
from autopyfactory.errors import ConfigError, Unavailable


@pytest.fixture
def queue(tmp_path: Path) -> JobQueue:
    return JobQueue(tmp_path / "state" / "jobs")


def claimed(queue: JobQueue, pilot: str = "pilot", **facts: Any) -> Claim:
    claim = queue.claim(pilot, **facts)
    assert claim is not None
    return claim


def lose(claim: Claim) -> None:
    """What the kernel does when a pilot is killed."""
    os.close(claim.lock)


def test_a_job_is_added_as_often_as_asked(queue: JobQueue) -> None:
    assert queue.add(["true"], count=3) == [1, 2, 3]
    first = queue.jobs()[0]
    assert (first.arguments, first.label, first.cores, first.state) == (("true",), "", 1, State.READY)
    assert first.added == pytest.approx(time.time(), abs=60)


@pytest.mark.parametrize("arguments", [["/bin/echo", "a b", "'\"$x"], ["é", ""]])
def test_arguments_come_back_as_they_were(queue: JobQueue, arguments: list[str]) -> None:
    queue.add(arguments, directory="/tmp")
    job = claimed(queue).job
    assert (job.arguments, job.directory) == (tuple(arguments), "/tmp")


@pytest.mark.parametrize(
    ("arguments", "facts", "words"),
    [
        ([], {}, "needs a program"),
        ([""], {}, "needs a program"),
        (["true"], {"cores": 0}, "cores = 0"),
        (["true"], {"count": -1}, "count = -1"),
        (["true"], {"attempts": 0}, "attempts = 0"),
    ],
)
def test_a_job_that_cannot_run_is_refused(queue: JobQueue, arguments, facts, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        queue.add(arguments, **facts)
    assert not queue.path.exists()


def test_jobs_are_counted_by_label_state_and_cores(queue: JobQueue) -> None:
    queue.add(["true"], label="a", count=3)
    queue.add(["true"], label="a", cores=4)
    queue.add(["true"], label="b")
    queue.finish(claimed(queue), 0)
    claimed(queue)
    assert set(queue.counts()) == {
        Tally(label="a", state=State.READY, cores=1, jobs=1),
        Tally(label="a", state=State.READY, cores=4, jobs=1),
        Tally(label="a", state=State.RUNNING, cores=1, jobs=1),
        Tally(label="a", state=State.DONE, cores=1, jobs=1),
        Tally(label="b", state=State.READY, cores=1, jobs=1),
    }
    assert [tally.label for tally in queue.counts("b")] == ["b"]
    assert {tally.state for tally in queue.counts(states=[State.DONE])} == {State.DONE}


def test_jobs_are_listed_by_label_and_state(queue: JobQueue) -> None:
    queue.add(["true"], label="a", count=2)
    queue.add(["true"], label="b")
    claimed(queue)
    assert [job.id for job in queue.jobs()] == [1, 2, 3]
    assert [job.id for job in queue.jobs("a")] == [1, 2]
    assert [job.id for job in queue.jobs("a", [State.READY])] == [2]


@pytest.mark.parametrize(
    ("label", "cores", "expected"),
    [(None, 1, 2), (None, 8, 1), ("a", 1, 2), ("a", 8, 1), ("b", 1, 3), ("c", 8, None)],
)
def test_the_oldest_job_that_fits_is_taken(
    queue: JobQueue, label: str | None, cores: int, expected: int | None
) -> None:
    queue.add(["true"], label="a", cores=8)
    queue.add(["true"], label="a")
    queue.add(["true"], label="b")
    assert queue.has_ready(label, cores) == (expected is not None)
    claim = queue.claim("pilot", label, cores, "logs/pilot")
    assert (claim.job.id if claim else None) == expected
    if claim:
        assert (claim.job.state, claim.job.pilot) == (State.RUNNING, "pilot")
        assert claim.job.output == f"logs/pilot.job{expected}"


@pytest.mark.parametrize(
    ("code", "state", "reason"), [(0, State.DONE, ""), (3, State.FAILED, ""), (-9, State.FAILED, "signal 9")]
)
def test_the_exit_code_says_whether_a_job_failed(queue: JobQueue, code, state, reason) -> None:
    queue.add(["true"])
    claim = claimed(queue)
    assert queue.finish(claim, code, reason)
    (job,) = queue.jobs()
    assert (job.state, job.exit_code, job.reason) == (state, code, reason)
    assert job.ended is not None
    assert list(Path(f"{queue.path}-claims").iterdir()) == []


def test_a_released_job_waits_again_and_has_lost_no_attempt(queue: JobQueue) -> None:
    queue.add(["true"], attempts=1)
    for starts in range(1, 5):
        claim = claimed(queue)
        assert (claim.job.starts, claim.job.losses) == (starts, 0)
        assert queue.release(claim, "retired")


def test_a_job_whose_pilot_is_lost_goes_back_until_it_was_lost_too_often(queue: JobQueue) -> None:
    queue.add(["true"], attempts=3)
    for losses in range(1, 4):
        claim = claimed(queue, f"pilot-{losses}")
        assert queue.recover() == 0
        lose(claim)
        assert queue.recover() == 1
        assert queue.recover() == 0
        (job,) = queue.jobs()
        assert job.losses == losses
        assert job.state is (State.READY if losses < 3 else State.FAILED)
        assert job.reason == f"lost its pilot pilot-{losses} ({losses} of 3 times)"
    assert list(Path(f"{queue.path}-claims").iterdir()) == []


def test_a_job_that_outlives_its_pilot_is_not_begun_again_beside_itself(queue: JobQueue) -> None:
    queue.add(["sleep", "60"])
    claim = claimed(queue)
    program = subprocess.Popen(claim.job.arguments, pass_fds=[claim.lock])
    lose(claim)
    try:
        assert queue.recover() == 0
    finally:
        program.kill()
        program.wait(30)
    assert queue.recover() == 1


def test_who_lost_a_job_cannot_finish_it(queue: JobQueue) -> None:
    queue.add(["true"])
    first = claimed(queue)
    copy = Claim(job=first.job, lock=os.open(os.devnull, os.O_RDONLY))
    lose(first)
    queue.recover()
    second = claimed(queue)
    assert not queue.finish(copy, 0)
    assert queue.recover() == 0
    assert queue.finish(second, 0)


def test_clearing_spares_what_runs_unless_told(queue: JobQueue) -> None:
    queue.add(["true"], label="a", count=4)
    queue.add(["true"], label="b")
    queue.finish(claimed(queue), 0)
    queue.finish(claimed(queue), 1)
    running = claimed(queue)
    assert queue.clear("a", [State.DONE]) == 1
    assert queue.clear() == 3
    assert [job.id for job in queue.jobs()] == [running.job.id]
    assert queue.clear(states=list(State)) == 1
    assert not queue.finish(running, 0)
    assert queue.add(["true"]) == [6]


def test_no_two_claimers_get_the_same_job(queue: JobQueue) -> None:
    queue.add(["true"], count=80)
    taken: list[tuple[int, int]] = []

    def work(pilot: str) -> None:
        while claim := queue.claim(pilot):
            taken.append((claim.job.id, claim.job.starts))
            queue.finish(claim, 0)

    threads = [threading.Thread(target=work, args=[f"pilot-{number}"]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(taken) == [(number, 1) for number in range(1, 81)]


def test_a_claim_whose_lock_cannot_be_had_leaves_the_job_where_it_was(queue: JobQueue) -> None:
    queue.add(["true"])
    Path(f"{queue.path}-claims").touch()
    with pytest.raises(Unavailable, match="jobs"):
        queue.claim("pilot")
    assert [job.state for job in queue.jobs()] == [State.READY]


def test_a_claim_whose_lock_somebody_holds_leaves_the_job_where_it_was(queue: JobQueue) -> None:
    queue.add(["true"])
    first = claimed(queue)
    queue.clear(states=list(State))
    Path(queue.path).unlink()
    queue.add(["true"])
    with pytest.raises(Unavailable, match="somebody holds"):
        queue.claim("pilot")
    assert [job.state for job in queue.jobs()] == [State.READY]
    lose(first)
