"""One process at a time acts for a factory."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from autopyfactory.app.state import FolderLock, Locked, default_folder, prepare
from autopyfactory.errors import ConfigError

HOLD = """
import sys
from pathlib import Path
from autopyfactory.app.state import FolderLock
FolderLock(Path(sys.argv[1])).take(0)
print("mine", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def other(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock."""
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "mine\n"
        yield process
        process.kill()


def test_the_folder_is_readable_by_nobody_else(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "state"
    prepare(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    folder.chmod(0o755)
    prepare(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_folder_that_cannot_be_made_is_the_operators_to_mend(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="set \\[factory\\] state"):
        prepare(tmp_path / "file" / "state")


def test_a_folder_of_somebody_else_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)
    with pytest.raises(ConfigError, match="belongs to user"):
        prepare(tmp_path)


def test_the_usual_folder_is_below_the_users_state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert default_folder("one") == tmp_path / "autopyfactory" / "one"
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_folder("one") == tmp_path / ".local" / "state" / "autopyfactory" / "one"


def test_a_lock_names_its_holder_and_is_taken_by_one_alone(
    tmp_path: Path, other: subprocess.Popen[str]
) -> None:
    with pytest.raises(Locked, match=f"lock is held: pid {other.pid} on .* may still act"):
        FolderLock(tmp_path).take(0.3)


def test_nobody_waits_for_a_lock_that_is_hopeless(tmp_path: Path, other: subprocess.Popen[str]) -> None:
    with pytest.raises(Locked, match=f"another daemon runs: pid {other.pid} on .* holds .*lock"):
        FolderLock(tmp_path).take(3600, hopeless=lambda: True)


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path, other: subprocess.Popen[str]) -> None:
    other.send_signal(signal.SIGKILL)
    lock = FolderLock(tmp_path)
    lock.take(30)
    assert lock.holder().startswith(f"pid {os.getpid()} on ")
    lock.release()
    lock.release()


def test_an_heir_keeps_the_lock_until_it_ends(tmp_path: Path) -> None:
    lock = FolderLock(tmp_path)
    lock.take(0)
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, pass_fds=[lock.descriptor]) as heir:
        lock.release()
        with pytest.raises(Locked):
            FolderLock(tmp_path).take(0)
        heir.communicate()
    FolderLock(tmp_path).take(30)


def test_a_lock_that_cannot_be_opened_is_the_operators_to_mend(tmp_path: Path) -> None:
    (tmp_path / "lock").mkdir()
    with pytest.raises(ConfigError, match="lock"):
        FolderLock(tmp_path).take(0)
