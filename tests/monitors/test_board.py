"""The table that a terminal shows."""

import sys
from collections.abc import Sequence
from io import StringIO

import pytest
from rich.console import Console

from autopyfactory.errors import Unavailable
from autopyfactory.model import Decision, Demand, Observation, Outcome, Place, Report, Supply
from autopyfactory.monitors.board import BoardMonitor, draw
from autopyfactory.options import Options
from autopyfactory.testing import MonitorContract

SEEN = Observation(demand=Demand(ready=7, as_of=1.0), supply=Supply(pending=2, running=3))
FINE = Report(queue="b", number=4, seen=SEEN, decision=Decision(count=0), outcome=Outcome())
FAILED = Report(queue="c", number=5, error=Unavailable("no answer"))
UNKNOWN = Report(queue="a", number=6, seen=Observation(), decision=Decision(count=0), outcome=Outcome())


class TestBoardMonitor(MonitorContract):
    plugin = BoardMonitor


class Terminal(StringIO):
    """A terminal that keeps what is drawn."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def monitor() -> BoardMonitor:
    return BoardMonitor(Options(), Place(section="board", factory="f", logs="", state=""))


def lines(reports: Sequence[Report]) -> list[list[str]]:
    console = Console(file=StringIO(), width=200)
    with console.capture() as captured:
        console.print(draw(reports))
    return [line.split() for line in captured.get().splitlines()]


def test_a_row_tells_what_was_seen_and_what_became_of_it() -> None:
    assert lines([FINE])[1][:5] == ["b", "4", "7", "2", "3"]


def test_queues_in_trouble_come_first_then_their_names_count() -> None:
    assert [line[0] for line in lines([FINE, UNKNOWN, FAILED])[1:]] == ["c", "a", "b"]


def test_unknown_work_is_a_question_mark_and_what_was_not_seen_is_empty() -> None:
    assert lines([UNKNOWN])[1][2] == "?"
    assert lines([FAILED])[1] == ["c", "5", "failed:", "no", "answer"]


def test_it_draws_on_a_terminal_and_leaves_the_last_state(
    monitor: BoardMonitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    monitor.record(FINE)
    monitor.record(FAILED)
    monitor.close()
    monitor.close()
    assert "no answer" in terminal.getvalue()


def test_it_draws_nothing_elsewhere(
    monitor: BoardMonitor, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdout", file := StringIO())
    monitor.record(FINE)
    monitor.close()
    assert file.getvalue() == ""
    assert monitor.table().row_count == 1
