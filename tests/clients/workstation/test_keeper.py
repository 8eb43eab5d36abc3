"""A keeper outlives its pilot, tells how it died, and ends what it left behind."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from autopyfactory.clients import locks
from autopyfactory.clients.workstation import keeper
from autopyfactory.clients.workstation.berth import Berth, Stage
from autopyfactory.clients.workstation.spool import Spool
from autopyfactory.testing import until
from workstation import birth, signals_kept

UNBLOCK = """
import os, signal, sys
signal.pthread_sigmask(signal.SIG_SETMASK, [])
os.execvp(sys.argv[1], sys.argv[1:])
"""


class Family:
    """Children of this process, of which a keeper under test sees no others."""

    def __init__(self) -> None:
        self.members: list[int] = []

    def start(self, *words: str) -> int:
        command = [sys.executable, "-c", UNBLOCK, *words]
        self.members.append(os.posix_spawn(sys.executable, command, os.environ))
        return self.members[-1]

    def children(self) -> list[int]:
        return [child for child in self.members if child in keeper.own_children()]


@pytest.fixture
def family() -> Iterator[Family]:
    family = Family()
    with signals_kept():
        yield family
        for child in family.children():
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


@pytest.fixture
def berth(tmp_path: Path) -> Berth:
    return Berth(str(tmp_path / "pilots"), "pilot", birth())


@pytest.mark.parametrize(
    ("text", "reasons"), [("exit 0", []), ("exit 3", []), ("kill -9 $$", ["killed by signal 9"])]
)
def test_it_notes_the_end_that_the_pilot_could_not(
    berth: Berth, family: Family, text: str, reasons: list[str]
) -> None:
    berth.move(Stage.RUNNING)
    keeper.keep(berth, family.start("sh", "-c", text), family.children)
    records = Spool(berth.folder, "ours").records()
    assert [record.reason for record in records if record.stage is Stage.ENDED] == reasons


def test_it_hands_on_signals(family: Family) -> None:
    pilot = family.start("sleep", "60")
    os.kill(os.getpid(), signal.SIGTERM)
    assert keeper.watch(pilot, family.children) == -signal.SIGTERM


def test_it_ends_what_the_pilot_left_behind(berth: Berth, family: Family) -> None:
    family.start("sleep", "60")
    keeper.keep(berth, family.start("true"), family.children)
    assert family.children() == []


def test_what_does_not_listen_is_killed(
    family: Family, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "GRACE", 0.1)
    family.start("sh", "-c", f"trap '' TERM; touch '{tmp_path}/up'; while :; do sleep 0.05; done")
    assert until((tmp_path / "up").exists)
    keeper.clean(family.children)
    assert family.children() == []


def test_it_does_not_wait_for_ever(family: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "GRACE", 0.05)
    monkeypatch.setattr(keeper, "LAST_WAIT", 0.05)
    monkeypatch.setattr(keeper, "tell", lambda child, number: None)
    child = family.start("sleep", "60")
    keeper.clean(family.children)
    assert family.children() == [child]


def test_one_that_must_not_be_signalled_is_let_be(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(child: int, number: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "kill", refuse)
    keeper.tell(1, signal.SIGTERM)


def test_orphans_of_a_keeper_become_its_children(tmp_path: Path) -> None:
    lock = str(tmp_path / "lock")
    text = (
        "import subprocess, sys; from autopyfactory.clients import locks; "
        "from autopyfactory.clients.workstation import keeper; keeper.adopt_orphans();"
        " file = locks.open_locked(sys.argv[1]);"
        " subprocess.run(['sh', '-c', 'setsid sleep 60 &'], pass_fds=[file], check=True, timeout=60);"
        " before = len(keeper.own_children()); keeper.clean(keeper.own_children);"
        " print(before, keeper.own_children())"
    )
    done = subprocess.run(
        [sys.executable, "-c", text, lock], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "1 []\n"
    assert not locks.is_held_at(lock)
