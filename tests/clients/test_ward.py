"""A command under its warden holds our lock until it is gone, and is gone in time without us."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from autopyfactory.clients import locks, ward
from autopyfactory.clients.ward import End, Ward
from autopyfactory.testing import until

PLAIN = (sys.executable, "-m", "autopyfactory.clients.warden")  # measured like the rest of the code
SLEEP = ("sleep", "600")


def shell(text: str, *words: str, program: tuple[str, ...] = ward.WARDEN, **options: Any) -> Ward:
    return Ward(("sh", "-c", text, "sh", *words), {}, 60.0, program=program, **options)


def end(made: Ward) -> End:
    """What it came to, once it is over."""
    assert made.process.stdin is not None
    made.process.communicate(timeout=60)
    return made.reap()


@pytest.mark.parametrize("program", [ward.WARDEN, PLAIN])
def test_the_end_of_a_command_is_known(program: tuple[str, ...]) -> None:
    assert end(shell("exit 3", program=program)) == End(began=True, code=3)
    assert end(shell("kill -KILL $$", program=program)) == End(began=True, code=-9)
    none = end(Ward(("/no/such/program",), {}, 60.0, program=program))
    assert not none.began
    assert "No such file" in none.error


@pytest.mark.parametrize("program", [ward.WARDEN, PLAIN])
def test_one_that_is_killed_is_gone_with_its_children(program: tuple[str, ...], tmp_path: Path) -> None:
    made = shell('sleep 600 & echo $! > "$1"; wait', str(tmp_path / "child"), program=program)
    assert until(lambda: (tmp_path / "child").exists() and (tmp_path / "child").read_text().endswith("\n"))
    made.kill()
    assert end(made) == End(began=True, code=-9)
    child = Path("/proc", (tmp_path / "child").read_text().strip(), "status")
    assert until(lambda: not child.exists() or "\nState:\tZ" in child.read_text())


def test_one_that_is_killed_before_it_begins_never_began() -> None:
    slow = (sys.executable, "-S", "-c", "import threading; threading.Event().wait(600)")  # has no child
    made = Ward(SLEEP, {}, 60.0, program=slow)
    made.kill()
    assert end(made) == End(began=False, error="its warden ended with -14")


def test_without_its_warden_nothing_is_known_of_its_end(tmp_path: Path) -> None:
    made = shell('echo $$ > "$1"; sleep 600', str(tmp_path / "pid"))
    assert until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text().endswith("\n"))
    made.process.kill()
    made.process.wait(60)
    os.killpg(int((tmp_path / "pid").read_text()), signal.SIGKILL)
    assert end(made) == End(began=True, error="its warden ended with -9")


def test_a_book_that_is_half_written_tells_nothing() -> None:
    made = Ward(
        SLEEP, {}, 60.0, program=(sys.executable, "-c", "import os, sys; os.ftruncate(int(sys.argv[1]), 5)")
    )
    assert end(made) == End(began=True, error="nothing is known of its end")


def test_the_kernel_ends_what_we_can_no_longer_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ward, "GRACE", 0.3)
    assert end(Ward(SLEEP, {}, 0.2)) == End(began=True, code=-9)


def test_the_lock_is_held_until_the_command_is_gone_and_not_by_what_it_leaves_behind(tmp_path: Path) -> None:
    lock = str(tmp_path / "lock")
    file = locks.open_locked(lock)
    assert file is not None
    made = shell("sleep 600 > /dev/null 2>&1 < /dev/null & echo $!; read line", program=PLAIN, held=[file])
    os.close(file)
    assert made.process.stdout is not None
    child = int(made.process.stdout.readline())
    try:
        assert locks.is_held_at(lock)
        assert end(made) == End(began=True, code=1)
        assert not locks.is_held_at(lock)
        assert Path(f"/proc/{child}").exists()
    finally:
        os.kill(child, signal.SIGKILL)


def test_signals_are_as_if_there_were_no_warden() -> None:
    masks = "grep -E '^Sig(Blk|Ign)' /proc/self/status"
    plain = subprocess.run(["sh", "-c", masks], capture_output=True, check=True, timeout=60)
    made = shell(masks)
    said, _ = made.process.communicate(timeout=60)
    made.reap()
    assert numbers(said) == numbers(plain.stdout)


def numbers(said: bytes) -> list[int]:
    """The masks, without the two signals that the C library keeps to itself."""
    return [int(word, 16) & ~0x180000000 for word in said.split()[1::2]]


def count_files() -> int:
    """How many files this process holds open."""
    return len(list(Path("/proc/self/fd").iterdir()))


def test_a_warden_that_cannot_be_started_leaves_no_open_file() -> None:
    before = count_files()
    with pytest.raises(FileNotFoundError):
        Ward(SLEEP, {}, 1.0, program=("/no/such/warden",))
    assert count_files() == before
