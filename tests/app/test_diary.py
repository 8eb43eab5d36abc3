"""A command that acts alone tells the history of its plan, and nobody else."""

from pathlib import Path

import pytest

from autopyfactory.app.diary import note
from autopyfactory.history.reader import History
from autopyfactory.model import Place
from autopyfactory.monitors.history import FILE, HistoryMonitor, HistoryOptions
from autopyfactory.plan import FactorySettings, Plan
from autopyfactory.ports import Monitor
from autopyfactory.testing import FakeMonitor
from remembered import cycle


def plan(folder: Path, heard: FakeMonitor) -> Plan:
    place = Place(section="history", factory="here", logs="", state=str(folder))
    monitors: dict[str, Monitor] = {"pages": heard, "history": HistoryMonitor(HistoryOptions(), place)}
    return Plan(settings=FactorySettings(id="here"), queues={}, monitors=monitors)


def test_the_report_is_on_disk_at_once(tmp_path: Path) -> None:
    heard = FakeMonitor()
    for number in (1, 2):
        note(plan(tmp_path, heard), cycle("A", number))
    with History(tmp_path / FILE) as history:
        assert [report.number for report in history.reports("A")] == [1, 2]
    assert not heard.reports


def test_what_cannot_be_written_is_told_and_does_no_harm(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / FILE).mkdir()
    note(plan(tmp_path, FakeMonitor()), cycle("A", 1))
    assert capsys.readouterr().err.endswith("; reports lost: 1\n")
