"""The contract suites see what a plug-in does behind their back."""

import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from autopyfactory.testing.watch import WATCH, Watch


def connect(folder: Path) -> None:
    with socket.socket(socket.AF_UNIX) as line:
        line.connect_ex(str(folder / "nobody"))


ACTS: list[Callable[[Path], object]] = [
    connect,
    lambda folder: (folder / "new").mkdir(),
    lambda folder: (folder / "new").write_text(""),
    lambda folder: (folder / "there").read_text(),
    lambda folder: subprocess.run([sys.executable, "-c", ""], check=True),
]


@pytest.mark.parametrize("act", ACTS)
def test_what_touches_the_world_is_seen(tmp_path: Path, act: Callable[[Path], object]) -> None:
    (tmp_path / "there").touch()
    with WATCH.effects() as effects:
        act(tmp_path)
    assert effects


def test_what_other_threads_do_is_not_seen(tmp_path: Path) -> None:
    thread = threading.Thread(target=(tmp_path / "new").touch)
    with WATCH.effects() as effects:
        thread.start()
        thread.join()
    assert (tmp_path / "new").exists()
    assert effects == []


@pytest.mark.parametrize(
    ("event", "arguments", "touches"),
    [
        ("open", ("/data/jobs", "r", 0), True),
        ("open", ("/lib/os.py", "r", 0), False),
        ("open", ("/lib/__pycache__/os.cpython-311.pyc.12", "r", 0), False),
        ("open", ("/lib/select.so", "r", 0), False),
        ("socket.connect", ("socket", ("127.0.0.1", 80)), True),
        ("os.mkdir", ("/data/new", 511, -1), True),
        ("import", ("os",), False),
        ("compile", (None, "<string>"), False),
    ],
)
def test_an_import_is_no_effect_but_other_files_are(
    event: str, arguments: tuple[object, ...], touches: bool
) -> None:
    watch = Watch()
    watch.note(event, arguments)
    with watch.effects() as effects:
        watch.note(event, arguments)
    assert effects == ([f"{event}{arguments}"] if touches else [])
