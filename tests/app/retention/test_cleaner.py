"""The thread that sweeps."""

import logging
import os
import threading
import time
from pathlib import Path

import pytest

from autopyfactory.app.retention import cleaner as cleaner_module
from autopyfactory.app.retention.cleaner import Cleaner
from autopyfactory.app.retention.sweep import Sweep, Tally
from autopyfactory.errors import Unavailable
from autopyfactory.plan import FactorySettings, Plan
from autopyfactory.testing import until


def plan(logs: Path, **settings: object) -> Plan:
    return Plan(settings=FactorySettings(id="factory", logs=logs, **settings), queues={})


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A log of long ago."""
    path = tmp_path / "logs" / "2020-01-01" / "A" / "1.0.out"
    path.parent.mkdir(parents=True)
    path.write_text("x" * 10)
    os.utime(path, (1577880000, 1577880000))
    return path


def test_nothing_goes_unless_somebody_says_so(old: Path) -> None:
    assert Cleaner(plan(old.parents[2])).sweep() is False
    assert old.exists()


def test_what_was_removed_is_a_line_of_the_log(old: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "autopyfactory")
    cleaner = Cleaner(plan(old.parents[2], keep_days=7))
    cleaner.sweep()
    cleaner.sweep()
    told = f"removed 1 pilot logs (10 bytes) and 2 empty folders from {old.parents[2]}"
    assert [record.getMessage() for record in caplog.records] == [told]


def test_trouble_is_told_once_until_it_changes(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    reasons = iter(["denied", "denied", "", "denied", "read-only"])
    monkeypatch.setattr(Sweep, "run", lambda self, logs: Tally(refused=3, reason=next(reasons)))
    cleaner = Cleaner(plan(tmp_path, keep_bytes="1GB"))
    for _ in range(5):
        cleaner.sweep()
    told = [record.getMessage().rpartition(": ")[2] for record in caplog.records]
    assert told == ["denied", "denied", "read-only"]


def test_the_thread_goes_on_soon_where_there_is_more_to_do_and_by_the_plan_of_the_day(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cleaner_module, "SOON", 0.01)
    monkeypatch.setattr(cleaner_module, "HOUR", 0.01)
    cleaner = Cleaner(plan(old.parents[2]))
    cleaner.start()
    try:
        cleaner.plan = plan(old.parents[2], keep_bytes=1)
        assert until(lambda: not old.exists())
    finally:
        cleaner.stop(10)
    assert not any(thread.name == "retention" for thread in threading.enumerate())


def test_a_stop_waits_for_nobody_who_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cleaner_module, "SOON", 0.0)
    entered, gate = threading.Event(), threading.Event()

    def hang(sweep: Sweep, logs: Path) -> Tally:
        entered.set()
        assert gate.wait(60)
        return Tally()

    monkeypatch.setattr(Sweep, "run", hang)
    cleaner = Cleaner(plan(tmp_path, keep_days=1))
    cleaner.start()
    assert entered.wait(30)
    began = time.monotonic()
    cleaner.stop()
    assert time.monotonic() - began < 5
    gate.set()
    cleaner.stop(10)


def test_without_a_thread_nothing_is_swept_and_that_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(name: str, run: object) -> None:
        raise Unavailable("no thread to be had")

    monkeypatch.setattr(cleaner_module, "start_thread", refuse)
    cleaner = Cleaner(plan(tmp_path))
    cleaner.start()
    cleaner.stop()
    assert "no thread to be had" in caplog.text
