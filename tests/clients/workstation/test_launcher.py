"""The launcher starts pilots that are locked from birth, and leaves nothing of those it could not start."""

import io
import os
import signal
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from autopyfactory.clients import locks
from autopyfactory.clients.workstation import launcher
from autopyfactory.clients.workstation.launch import Launch, Setup
from autopyfactory.clients.workstation.spool import LOST, Spool
from workstation import birth, signals_kept


@pytest.fixture
def launch(tmp_path: Path) -> Launch:
    setup = Setup(slots=4, cores=1, arguments=("sh", "-c", "echo $APFCID $GTAG"))
    folder, logs = str(tmp_path / "pilots"), str(tmp_path / "logs" / "day")
    return Launch(
        folder=folder,
        prefix="pilot",
        count=3,
        logs=logs,
        url="http://logs",
        birth=birth(serial=5),
        setup=setup,
    )


def run(launch: Launch, monkeypatch: pytest.MonkeyPatch, fork: launcher.Fork) -> int:
    monkeypatch.setattr(sys, "stdin", io.StringIO(launch.write()))
    monkeypatch.setattr(signal, "signal", lambda number, what: None)
    with signals_kept():
        return launcher.main(fork)


def test_every_pilot_has_a_record_with_its_own_number(launch: Launch, monkeypatch) -> None:
    assert run(launch, monkeypatch, lambda: 1) == 0
    records = Spool(launch.folder, "ours").records()
    assert [(record.identifier, record.serial) for record in records] == [
        ("pilot-0", 5), ("pilot-1", 6), ("pilot-2", 7)
    ]  # fmt: skip
    assert {record.reason for record in records} == {LOST}


def test_when_a_fork_fails_those_before_stay_and_it_says_why(launch: Launch, monkeypatch, capsys) -> None:
    forks = iter([1, 1])

    def fork() -> int:
        for number in forks:
            return number
        raise BlockingIOError(11, "Resource temporarily unavailable")

    assert run(launch, monkeypatch, fork) == launcher.FAILED
    assert "Resource temporarily unavailable" in capsys.readouterr().err
    assert [record.identifier for record in Spool(launch.folder, "ours").records()] == ["pilot-0", "pilot-1"]
    assert not list(Path(launch.folder).glob("pilot-2*"))


def test_a_folder_of_logs_that_cannot_be_made_is_named(launch: Launch, monkeypatch, capsys) -> None:
    Path(launch.logs).parent.write_text("a file")
    assert run(launch, monkeypatch, lambda: 1) == launcher.FAILED
    assert launch.logs in capsys.readouterr().err
    assert Spool(launch.folder, "ours").records() == []


def test_the_parent_of_a_pilot_is_its_keeper(launch: Launch, monkeypatch) -> None:
    forks, kept = iter([0, 77]), list[tuple[str, int]]()
    monkeypatch.setattr(launcher, "detach", lambda output: None)
    monkeypatch.setattr(launcher, "adopt_orphans", lambda: None)
    monkeypatch.setattr(launcher, "keep", lambda berth, pilot: kept.append((berth.identifier, pilot)))
    for name in ("APFCID", "FACTORY_JOBID", "GTAG"):
        monkeypatch.setenv(name, "outer")
    assert run(launch, monkeypatch, lambda: next(forks)) == 0
    assert kept == [("pilot-0", 77)]


@pytest.mark.parametrize("url", ["http://logs", ""])
def test_a_pilot_lives_on_in_the_fork(launch: Launch, monkeypatch, url: str) -> None:
    for name in ("APFCID", "FACTORY_JOBID", "GTAG"):
        monkeypatch.setenv(name, "outer")
    detached: list[str] = []
    monkeypatch.setattr(launcher, "detach", detached.append)
    monkeypatch.setattr(launcher, "adopt_orphans", lambda: None)
    assert run(replace(launch, url=url), monkeypatch, lambda: 0) == 0
    assert detached == [f"{launch.logs}/pilot-0"]
    (record,) = Spool(launch.folder, "ours").records()
    assert record.reason == "exit code 0"
    gtag = "http://logs/pilot-0.out" if url else "outer"
    assert Path(f"{launch.logs}/pilot-0.out").read_text() == f"pilot-0 {gtag}\n"


def test_no_pilot_holds_what_the_launcher_holds(launch: Launch, monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setattr(launcher, "detach", lambda output: None)
    monkeypatch.setattr(launcher, "live", lambda launch, berth, fork: None)
    for forked, is_held in ((1, True), (0, False)):
        lock = locks.open_locked(str(tmp_path / f"lock{forked}"))
        assert lock is not None
        told = replace(launch, prefix=f"pilot{forked}", held=(lock,))
        assert run(told, monkeypatch, partial(int, forked)) == 0
        assert locks.is_held_at(str(tmp_path / f"lock{forked}")) is is_held
        if is_held:
            os.close(lock)


def test_the_kernel_ends_a_launcher_whose_time_is_over(launch: Launch) -> None:
    boot = "from autopyfactory.clients.workstation import launcher; launcher.start = lambda *_: read(); "
    text = boot + "import time; read = lambda: time.sleep(600); launcher.main()"
    told = replace(launch, seconds=0.5).write()
    done = subprocess.run([sys.executable, "-c", text], input=told, text=True, check=False, timeout=60)
    assert done.returncode == -signal.SIGALRM


def test_a_detached_process_leads_a_session_and_writes_to_its_log(tmp_path: Path) -> None:
    text = (
        "import os, sys; from autopyfactory.clients.workstation.launcher import detach; detach(sys.argv[1]);"
        " print(os.getsid(0) == os.getpid(), os.getcwd(), repr(sys.stdin.read())); 1 / 0"
    )
    command = [sys.executable, "-c", text, str(tmp_path / "pilot")]
    done = subprocess.run(command, input="words", capture_output=True, text=True, check=False, timeout=60)
    assert (done.stdout, done.stderr) == ("", "")
    assert (tmp_path / "pilot.out").read_text() == f"True {tmp_path} ''\n"
    assert "ZeroDivisionError" in (tmp_path / "pilot.err").read_text()


def test_it_needs_nothing_but_the_standard_library() -> None:
    root = str(Path(launcher.__file__).parents[3])
    text = (
        "import sys; sys.path.append(sys.argv[1]); import autopyfactory.clients.workstation.launcher;"
        " print({name.split('.')[0] for name in sys.modules} - {'__main__', *sys.stdlib_module_names})"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", text, root], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "{'autopyfactory'}\n"
