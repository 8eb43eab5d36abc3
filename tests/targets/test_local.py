"""The local target starts real processes, finds them by their locks, and never takes a job away."""

import os
import shutil
import signal
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from autopyfactory.clients.workstation import launch
from autopyfactory.clients.workstation.jobs import State
from autopyfactory.clients.workstation.slots import Slots
from autopyfactory.clients.workstation.spool import Spool
from autopyfactory.errors import ConfigError, Rejected, Unavailable
from autopyfactory.model import Place
from autopyfactory.targets.local import LocalPilot, LocalSection, LocalTarget
from autopyfactory.testing import TargetContract, until
from workstation import QUEUE, Workstation


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Workstation]:
    machine = Workstation(tmp_path)
    machine.jobs.add(["true"])
    machine.jobs.clear()
    yield machine
    machine.end_all()


class TestLocalTarget(TargetContract):
    plugin = LocalTarget

    @pytest.fixture
    def section(self, machine: Workstation) -> LocalSection:
        return LocalSection(pilots=machine.pilots, slots=4)

    @pytest.fixture
    def place(self, machine: Workstation):
        return lambda factory: machine.place({"factory-one": "ours", "factory-two": "theirs"}[factory])

    @pytest.fixture
    def pilot(self, machine: Workstation) -> LocalPilot:
        return machine.pilot()


def shows(target: LocalTarget, **counts: int) -> bool:
    """Whether supply comes to show these counts."""

    def agrees() -> bool:
        supply = target.supply([QUEUE])[QUEUE]
        found = {name: getattr(supply, name) for name in counts}
        return {name: len(value) if name == "ended" else value for name, value in found.items()} == counts

    return until(agrees)


def test_pilots_run_all_jobs_and_end(machine: Workstation) -> None:
    machine.jobs.add(["sh", "-c", 'test "$APFCID" && echo $FACTORYQUEUE $APF_FACTORY $WORD'], count=20)
    target = machine.target()
    pilot = machine.pilot(idle_exit="200ms", environment={"WORD": "told"})
    identifiers = target.submit(machine.order(4, pilot))
    assert shows(target, pending=0, running=0, ended=4, lifetime=4)
    jobs = machine.jobs.jobs()
    assert {(job.state, job.starts) for job in jobs} == {(State.DONE, 1)}
    assert {job.pilot for job in jobs} <= set(identifiers)
    assert {Path(f"{job.output}.out").read_text() for job in jobs} == {f"{QUEUE} ours told\n"}
    supply = target.supply([QUEUE])[QUEUE]
    assert {pilot.reason for pilot in supply.ended} == {"found no job for 0.2 s"}
    assert all(pilot.run_time > 0 and pilot.end <= supply.clock for pilot in supply.ended)


def test_logs_lie_by_day_and_queue(machine: Workstation) -> None:
    before = datetime.now(UTC)
    (identifier,) = machine.target().submit(machine.order(1))
    days = {f"{moment:%Y-%m-%d}" for moment in (before, datetime.now(UTC))}
    assert machine.process(identifier) > 0
    logs = Path(machine.place().logs)
    assert any((logs / day / QUEUE / f"{identifier}.err").exists() for day in days)


def test_pilots_are_for_the_owner_alone_and_lead_sessions(machine: Workstation) -> None:
    (identifier,) = machine.target().submit(machine.order(1))
    assert stat.S_IMODE(machine.pilots.stat().st_mode) == 0o700
    assert stat.S_IMODE((machine.pilots / f"{identifier}.json").stat().st_mode) == 0o600
    process = machine.process(identifier)
    assert os.getsid(process) not in (os.getsid(0), 0)
    assert os.getpgid(process) == os.getsid(process)


def test_pilots_beyond_the_slots_wait(machine: Workstation) -> None:
    target = machine.target(slots=2)
    target.submit(machine.order(5))
    assert shows(target, pending=3, running=2, idle=2)
    machine.kill([record.identifier for record in machine.living() if record.stage == "idle"][:1])
    assert shows(target, pending=2, running=2, ended=1)


def test_pilots_take_slots_by_their_cores(machine: Workstation) -> None:
    target = machine.target(slots=3)
    target.submit(machine.order(2, machine.pilot(cores=2)))
    assert shows(target, pending=1, running=1)


def test_pilots_with_a_job_are_running_and_not_idle(machine: Workstation) -> None:
    machine.jobs.add(["sleep", "60"])
    target = machine.target()
    target.submit(machine.order(2))
    assert shows(target, running=2, idle=1, pending=0)
    assert len(target.supply([QUEUE])[QUEUE].starts) == 1


def test_a_pilot_of_another_label_leaves_jobs_alone(machine: Workstation) -> None:
    machine.jobs.add(["true"], label="b")
    target = machine.target()
    target.submit(machine.order(1, machine.pilot(label="a", idle_exit="0s")))
    assert shows(target, ended=1)
    assert [job.state for job in machine.jobs.jobs()] == [State.READY]


def test_a_killed_pilot_takes_its_processes_along_and_its_job_goes_back(machine: Workstation) -> None:
    machine.jobs.add(["sh", "-c", "sleep 60; sleep 60"])
    target = machine.target()
    target.submit(machine.order(1))
    assert until(lambda: machine.jobs.jobs(states=[State.RUNNING]) != [])
    (running,) = machine.jobs.jobs()
    machine.kill([running.pilot])
    assert shows(target, running=0, ended=1)
    assert target.supply([QUEUE])[QUEUE].ended[0].reason == "killed by signal 9"
    assert until(lambda: machine.jobs.recover() == 1)
    assert [(job.state, job.losses) for job in machine.jobs.jobs()] == [(State.READY, 1)]


def test_a_job_that_kills_its_pilots_fails_in_the_end(machine: Workstation) -> None:
    machine.jobs.add(["sh", "-c", "kill -9 $PPID; sleep 60"], attempts=2)
    target = machine.target()
    target.submit(machine.order(3))
    assert until(lambda: [job.losses for job in machine.jobs.jobs(states=[State.FAILED])] == [2])
    assert shows(target, running=1, idle=1, ended=2)


def test_a_terminated_pilot_gives_its_job_back(machine: Workstation) -> None:
    machine.jobs.add(["sleep", "60"])
    target = machine.target()
    (identifier,) = target.submit(machine.order(1))
    assert until(lambda: machine.jobs.jobs(states=[State.RUNNING]) != [])
    machine.kill([identifier], signal.SIGTERM)
    assert shows(target, ended=1)
    assert target.supply([QUEUE])[QUEUE].ended[0].reason == "terminated by SIGTERM"
    assert [(job.state, job.losses) for job in machine.jobs.jobs()] == [(State.READY, 0)]


def test_pilots_outlive_the_daemon_and_are_found_again(machine: Workstation) -> None:
    machine.jobs.add(["sleep", "60"])
    first = machine.target()
    identifiers = first.submit(machine.order(3))
    assert shows(first, running=3, idle=2)
    del first
    later = machine.target()
    supply = later.supply([QUEUE])[QUEUE]
    assert (supply.running, supply.idle, supply.lifetime) == (3, 2, 3)
    assert set(later.retire(QUEUE, 5)) < set(identifiers)
    assert shows(later, running=1, idle=0, retiring=0, ended=2)


def test_pilots_outlive_the_removal_of_all_our_files(machine: Workstation) -> None:
    target = machine.target()
    target.submit(machine.order(3))
    assert shows(target, running=3)
    shutil.rmtree(machine.pilots)
    with pytest.raises(Unavailable, match="vanished"):
        target.supply([QUEUE])
    assert until(lambda: len(list(machine.pilots.glob("*.json"))) == 3)
    assert shows(target, running=3, idle=3)
    assert shows(machine.target(), running=3, idle=3)


@pytest.mark.parametrize("peaceful", [True, False])
def test_pilots_retire_that_wait_then_idle_ones_then_where_allowed_busy_ones(
    machine: Workstation, peaceful: bool
) -> None:
    machine.jobs.add(["sleep", "60"])
    target = machine.target(slots=2, peaceful=peaceful)
    target.submit(machine.order(4))
    assert shows(target, pending=2, running=2, idle=1)
    stages = {record.identifier: record.stage for record in machine.living()}
    assert [stages[identifier] for identifier in target.retire(QUEUE, 1)] == ["pending"]
    assert shows(target, pending=1, ended=1)
    assert [stages[identifier] for identifier in target.retire(QUEUE, 2)] == ["pending", "idle"]
    assert shows(target, pending=0, running=1, idle=0, ended=3)
    gone = target.retire(QUEUE, 9)
    assert [stages[identifier] for identifier in gone] == [] if peaceful else ["running"]
    assert shows(target, running=int(peaceful), ended=3 + (not peaceful))
    assert [job.state for job in machine.jobs.jobs()] == [State.RUNNING if peaceful else State.READY]


def test_a_pilot_that_is_on_its_way_out_is_retiring(machine: Workstation) -> None:
    machine.jobs.add(["sh", "-c", "trap '' TERM; echo up; while :; do sleep 0.1; done"])
    target = machine.target(peaceful=False)
    target.submit(machine.order(1))
    assert until(lambda: machine.jobs.jobs(states=[State.RUNNING]) != [])
    (job,) = machine.jobs.jobs()
    assert until(lambda: Path(f"{job.output}.out").exists() and Path(f"{job.output}.out").read_text() != "")
    assert len(target.retire(QUEUE, 1)) == 1
    supply = target.supply([QUEUE])[QUEUE]
    assert (supply.pilots, supply.retiring) == (0, 1)
    assert target.retire(QUEUE, 1) == []
    assert shows(target, retiring=0, ended=1)


def test_retiring_never_takes_a_pilot_with_a_job_however_often_one_tries(machine: Workstation) -> None:
    machine.jobs.add(["true"], count=150)
    target = machine.target()
    retired = 0

    def goes_on() -> bool:
        nonlocal retired
        supply = target.supply([QUEUE])[QUEUE]
        if supply.pilots < 4:
            target.submit(machine.order(4 - supply.pilots))
        retired += len(target.retire(QUEUE, 1))
        if retired == 0 and not machine.jobs.has_ready():
            machine.jobs.add(["true"], count=20)  # on a busy machine all may be done before the first try
        return all(job.state is State.DONE for job in machine.jobs.jobs())

    assert until(goes_on, 120)
    assert retired > 0
    assert {(job.starts, job.losses) for job in machine.jobs.jobs()} == {(1, 0)}


def test_a_program_may_take_the_place_of_jobs(machine: Workstation) -> None:
    target = machine.target()
    pilot = machine.pilot(executable="sh", arguments=["-c", 'echo "$0" $FACTORYQUEUE; exit 4', "a b"])
    (identifier,) = target.submit(machine.order(1, pilot))
    assert shows(target, ended=1)
    assert target.supply([QUEUE])[QUEUE].ended[0].reason == "exit code 4"
    (log,) = Path(machine.place().logs).glob(f"*/{QUEUE}/{identifier}.out")
    assert f"a b {QUEUE}\n" in log.read_text()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"executable": "no-such-program"}, "'no-such-program' does not exist"),
        ({"executable": "/etc/passwd"}, "'/etc/passwd' does not exist, or may not be executed"),
        ({"cores": 5}, "a pilot of 5 cores never runs here: slots = 4"),
    ],
)
def test_what_can_never_run_is_rejected_and_nothing_started(
    machine: Workstation, options, words: str
) -> None:
    target, pilot = machine.target(), machine.pilot(**options)
    with pytest.raises(ConfigError, match=words):
        target.check(pilot)
    with pytest.raises(Rejected, match=words):
        target.submit(machine.order(2, pilot))
    assert target.supply([QUEUE])[QUEUE].lifetime == 0
    assert not machine.pilots.exists()


def test_a_pilot_that_can_run_passes_its_check_and_starts_nothing(machine: Workstation) -> None:
    machine.target().check(machine.pilot(executable="sh", cores=4))
    assert not machine.pilots.exists()


def test_arguments_need_a_program() -> None:
    with pytest.raises(ValidationError, match="arguments without executable"):
        LocalPilot(arguments=("x",))


def test_of_a_submission_that_fails_in_the_middle_the_accepted_ones_are_told(
    machine: Workstation, monkeypatch: pytest.MonkeyPatch
) -> None:
    boot = (
        "import os, sys; sys.path.append(sys.argv[1]); "
        "from autopyfactory.clients.workstation import launcher;"
        " me, forks = os.getpid(), iter('ab');"
        " room = lambda: os.getpid() != me or next(forks, '');"
        " launcher.main(lambda: os.fork() if room() else os.open('/no/process/left', 0))"
    )
    monkeypatch.setattr(launch, "LAUNCHER", (*launch.LAUNCHER[:4], boot, launch.LAUNCHER[-1]))
    target = machine.target()
    identifiers = target.submit(machine.order(5))
    assert [identifier.split("-")[-1] for identifier in identifiers] == ["0", "1"]
    assert shows(target, running=2, lifetime=2)
    assert target.tagged(["tag"]) == {"tag": 2}


@pytest.mark.parametrize(
    ("command", "seconds", "words"),
    [
        (("no-such-python",), 60, "no-such-python"),
        (("sh", "-c", "echo no room >&2; exit 1"), 60, "no room"),
        (("sh", "-c", "exec sleep 60"), 0.2, "timed out"),
    ],
)
def test_when_nothing_was_started_the_answer_says_so_and_why(
    machine: Workstation,
    monkeypatch: pytest.MonkeyPatch,
    command: tuple[str, ...],
    seconds: float,
    words: str,
) -> None:
    monkeypatch.setattr(launch, "LAUNCHER", command)
    with pytest.raises(Unavailable, match=words) as caught:
        machine.target(timeout=seconds).submit(machine.order(2))
    assert caught.value.untouched


def test_a_submission_on_an_unknown_picture_is_untouched(machine: Workstation) -> None:
    machine.pilots.write_text("a file")
    with pytest.raises(Unavailable, match="cannot read the folder") as caught:
        machine.target().submit(machine.order(1))
    assert caught.value.untouched
    machine.pilots.unlink()


@pytest.mark.parametrize("error", [PermissionError("not yours"), Unavailable("cannot read the folder")])
def test_a_submission_that_cannot_tidy_up_before_is_untouched(
    machine: Workstation, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(spool: Spool) -> None:
        raise error

    monkeypatch.setattr(Spool, "prune", fail)
    with pytest.raises(Unavailable, match=str(error)) as caught:
        machine.target().submit(machine.order(1))
    assert caught.value.untouched


def test_an_order_of_none_starts_none(machine: Workstation) -> None:
    assert list(machine.target().submit(machine.order(0))) == []


def test_another_factorys_pilots_share_the_slots(machine: Workstation) -> None:
    ours, theirs = machine.target(slots=2), machine.target("theirs", slots=2)
    theirs.submit(machine.order(2))
    assert shows(theirs, running=2)
    ours.submit(machine.order(1))
    assert shows(ours, pending=1, running=0)


def test_the_number_of_pilots_ever_goes_on_after_the_old_ones_are_gone(
    machine: Workstation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autopyfactory.clients.workstation.spool.KEEP_OLD", -1.0)
    target, pilot = machine.target(), machine.pilot(idle_exit="0s")
    for number in range(1, 4):
        target.submit(machine.order(2, pilot))
        assert shows(target, running=0, pending=0, lifetime=2 * number)
    target.submit(machine.order(0))
    assert shows(machine.target(), ended=1, lifetime=6)


def test_it_finds_trouble_without_acting(machine: Workstation, tmp_path: Path) -> None:
    assert machine.target().probe() == []
    (tmp_path / "file").touch()
    place = Place(section="here", factory="ours", logs=str(tmp_path / "file" / "logs"), state=str(tmp_path))
    (found,) = LocalTarget(LocalSection(), place).probe()
    assert found == f"cannot write the folder of logs, {tmp_path}/file/logs"
    assert not (tmp_path / "pilots").exists() or list((tmp_path / "pilots").iterdir()) == []


def test_without_slots_named_it_uses_what_the_machine_lets_it(machine: Workstation) -> None:
    cores = len(os.sched_getaffinity(0))
    with pytest.raises(Rejected, match=f"slots = {cores}"):
        machine.target(slots=None).submit(machine.order(1, machine.pilot(cores=cores + 1)))


def test_all_slots_are_free_when_all_pilots_are_gone(machine: Workstation) -> None:
    target = machine.target()
    target.submit(machine.order(4))
    assert shows(target, running=4)
    machine.end_all()
    slots = Slots(str(machine.pilots), 4, 4)
    assert until(slots.take)
    slots.close()
