"""What a target tells the launcher arrives as it was, and our lock is the launcher's as long as it runs."""

import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autopyfactory.clients import locks
from autopyfactory.clients.inheritance import inherit
from autopyfactory.clients.workstation import launch as launching
from autopyfactory.clients.workstation.launch import Launch, Setup, read, run
from workstation import birth


@given(
    arguments=st.lists(st.text()).map(tuple),
    label=st.none() | st.text(),
    max_time=st.none() | st.floats(0, 1e9),
)
def test_a_launch_is_read_as_it_was_written(arguments, label, max_time) -> None:
    setup = Setup(slots=4, cores=2, arguments=arguments, jobs="/jobs", label=label, max_time=max_time)
    launch = Launch(
        folder="/p", prefix="x", count=3, logs="/l", url="", birth=birth(), setup=setup, held=(3, 4)
    )
    assert read(launch.write()) == launch


SLOW = "import sys, time; launch = sys.stdin.read(); open(sys.argv[1], 'w').write(launch); time.sleep(600)"


def test_a_launcher_holds_what_is_passed_on_and_ends_a_little_after_its_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock, seen = str(tmp_path / "lock"), tmp_path / "seen"
    monkeypatch.setattr(launching, "LAUNCHER", (sys.executable, "-c", SLOW, str(seen)))
    setup = Setup(slots=4, cores=2)
    launch = Launch(folder="/p", prefix="x", count=3, logs="/l", url="", birth=birth(), setup=setup)
    file = locks.open_locked(lock)
    assert file is not None
    inherit(file)
    try:
        assert "timed out" in run(launch, os.environ, 1.0)
    finally:
        inherit()
        os.close(file)
    told = read(seen.read_text())
    assert (told.seconds, told.held) == (1.0 + launching.GRACE, (file,))
