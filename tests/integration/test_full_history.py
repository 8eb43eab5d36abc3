"""A disk that is full, and a history that somebody damages: the daemon goes on, says so, and writes again."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from autopyfactory.app.control import ask
from autopyfactory.errors import FactoryError
from autopyfactory.history.database import FILE
from autopyfactory.history.reader import History
from autopyfactory.testing import until
from daemons import daemon, status, write

ROOM = "2m"
WAIT = 60.0  # seconds; reports are written every 2


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    """A state folder on a small file system of its own, which takes root to mount."""
    folder = tmp_path / "state"
    folder.mkdir(mode=0o700)
    options = ["-o", f"size={ROOM},mode=700"]
    subprocess.run(["mount", "-t", "tmpfs", *options, "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """A file that takes all the room that is left."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(b"x" * 4096):
            pass
    assert shutil.disk_usage(folder).free == 0
    return filler


def cycles(folder: Path) -> list[int]:
    """The numbers of the cycles that the history holds; none where it cannot be read now."""
    try:
        with History(folder / FILE) as history:
            return [report.number for report in history.reports("A")]
    except FactoryError:
        return []


def failures(folder: Path) -> int:
    """How often the daemon says that the history failed."""
    return int(ask(folder, {"ask": "status"})["monitors"]["history"]["failed"])


def test_on_a_full_disk_the_daemon_goes_on_and_writes_again_when_there_is_room(
    state: Path, tmp_path: Path
) -> None:
    config = write(tmp_path)
    with daemon(config) as process:
        assert until(lambda: len(cycles(state)) > 5, WAIT)
        filler = fill(state)
        assert until(lambda: failures(state) > 0, WAIT)
        full = status(config)["A"]["report"]["cycle"]
        assert until(lambda: status(config)["A"]["report"]["cycle"] > full + 5, WAIT)
        assert status(config)["A"]["state"] == "fine"
        filler.unlink()
        assert until(lambda: max(cycles(state), default=0) > full + 5, WAIT)
        process.terminate()
        _, said = process.communicate(timeout=WAIT)
    assert process.returncode == 0
    assert "database or disk is full; reports lost: " in said
    kept = cycles(state)
    assert kept == sorted(set(kept))
    assert kept[0] == 1
    assert set(range(1, kept[-1])) - set(kept)  # those that were lost, and were said to be


def test_a_history_that_is_overwritten_under_the_daemon_is_set_aside_and_a_new_one_begins(
    state: Path, tmp_path: Path
) -> None:
    config = write(tmp_path)
    with daemon(config) as process:
        assert until(lambda: len(cycles(state)) > 5, WAIT)
        for part in (FILE, f"{FILE}-wal"):
            (state / part).write_bytes(b"no database")
        cut = status(config)["A"]["report"]["cycle"]
        assert until(lambda: max(cycles(state), default=0) > cut + 5, WAIT)
        process.terminate()
        _, said = process.communicate(timeout=WAIT)
    assert process.returncode == 0
    assert "and a new one begins; reports lost: " in said
    assert list(state.glob(f"{FILE}.damaged-*"))
