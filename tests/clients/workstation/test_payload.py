"""A payload runs in a group of its own, and ends with all that it started when it is stopped."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autopyfactory.clients import locks
from autopyfactory.clients.workstation import payload
from autopyfactory.clients.workstation.payload import Payload, prepare, stop, wait
from autopyfactory.testing import until


@pytest.mark.parametrize("code", [0, 7])
def test_it_runs_and_tells_its_exit_code(tmp_path: Path, code: int) -> None:
    program = Payload(
        ["sh", "-c", f'pwd; echo "$WORD" >&2; exit {code}'],
        output=str(tmp_path / "job"),
        directory="/",
        environment={"WORD": "told"},
    )
    wait([program], 30)
    assert program.has_ended()
    assert program.reap() == code
    assert program.has_ended()
    assert (tmp_path / "job.out").read_text() == "/\n"
    assert (tmp_path / "job.err").read_text() == "told\n"


def test_it_leads_a_group_of_its_own_and_hears_signals(tmp_path: Path) -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    try:
        program = Payload(
            ["sh", "-c", "ps -o pgid= -p $$; echo $$; exec sleep 60"], output=str(tmp_path / "job")
        )
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    assert until(lambda: len((tmp_path / "job.out").read_text().split()) == 2)
    assert len(set((tmp_path / "job.out").read_text().split())) == 1
    stop([program], 30)
    assert program.reap() == -signal.SIGTERM
    program.send(signal.SIGTERM)


@pytest.mark.parametrize(
    ("arguments", "directory"), [(["no-such-program"], ""), (["true"], "/no/such/folder"), (["a\0b"], "")]
)
def test_what_cannot_be_started_is_an_error_of_the_system(tmp_path: Path, arguments, directory: str) -> None:
    with pytest.raises(OSError, match=r"no-such-program|/no/such/folder|null byte"):
        Payload(arguments, output=str(tmp_path / "job"), directory=directory)


def test_one_that_does_not_listen_is_killed_with_what_it_started(tmp_path: Path) -> None:
    lock = locks.open_locked(str(tmp_path / "lock"))
    assert lock is not None
    text = "trap '' TERM; sleep 60 & echo up; sleep 60; sleep 60"
    program = Payload(["sh", "-c", text], output=str(tmp_path / "job"), keep=[lock])
    os.close(lock)
    assert until(lambda: (tmp_path / "job.out").read_text() == "up\n")
    assert locks.is_held_at(str(tmp_path / "lock"))
    stop([program], 0.1)
    assert program.reap() == -signal.SIGKILL
    assert until(lambda: not locks.is_held_at(str(tmp_path / "lock")))


def test_it_ends_when_its_pilot_is_killed(tmp_path: Path) -> None:
    lock = str(tmp_path / "lock")
    text = (
        "import os, sys, signal; from autopyfactory.clients import locks; "
        "from autopyfactory.clients.workstation import payload; name = sys.argv[1];"
        " payload.Payload(['sleep', '60'], output=name, keep=[locks.open_locked(name)]);"
        " os.kill(os.getpid(), signal.SIGKILL)"
    )
    pilot = subprocess.run([sys.executable, "-c", text, lock], check=False, timeout=60)
    assert pilot.returncode == -signal.SIGKILL
    assert until(lambda: not locks.is_held_at(lock))


def test_one_whose_pilot_died_meanwhile_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signal, "pthread_sigmask", lambda how, signals: set())
    monkeypatch.setattr(payload.LIBRARY, "prctl", lambda what, number: 0)
    killed: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda process, number: killed.append((process, number)))
    prepare(os.getppid())
    assert killed == []
    prepare(-1)
    assert killed == [(os.getpid(), signal.SIGTERM)]


def test_waiting_has_an_end(tmp_path: Path) -> None:
    program = Payload(["sleep", "60"], output=str(tmp_path / "job"))
    began = time.monotonic()
    wait([program], 0.2)
    assert 0.2 <= time.monotonic() - began < 30
    assert not program.has_ended()
    stop([program], 30)
    program.reap()
