"""`apf history` shows the cycles of a queue over some time."""

import json
import time

import pytest

from autopyfactory.app.commands.history import show_history
from autopyfactory.errors import ConfigError
from remembered import NOW, remember


@pytest.fixture
def state(tmp_path, monkeypatch):
    monkeypatch.setattr(time, "time", lambda: NOW + 120)
    return remember(tmp_path)


def test_curves_and_the_newest_cycles_are_shown(state, capsys):
    assert show_history("SITE_A", "2h", 3, None, state, as_json=False) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "SITE_A: 20 cycles from 2030-01-31T10:06:00Z to 2030-01-31T12:00:00Z"
    assert lines[3].startswith("running   ")
    assert lines[3].endswith("  81 to 100")
    assert lines[1].count("█") == 19
    assert lines[7] == "the newest 3; --rows shows more, --json all"
    assert lines[8].split()[:4] == ["began", "ready", "pending", "running"]
    assert lines[-1].split() == ["2030-01-31T12:00:00Z", "20", "2", "100", "4", "0", "submitted", "4"]
    assert len(lines) == 12


def test_a_cycle_that_failed_has_no_counts(state, capsys):
    show_history("SITE_A", "2h", 30, None, state, as_json=False)
    assert any(
        line.split()[:2] == ["2030-01-31T11:00:00Z", "failed:"]
        for line in capsys.readouterr().out.splitlines()
    )


def test_for_programs_it_is_a_list_of_reports(state, capsys):
    assert show_history("SITE_A", "30m", 3, None, state, as_json=True) == 0
    assert [report["cycle"] for report in json.loads(capsys.readouterr().out)] == [96, 97, 98, 99, 100]


def test_a_time_without_a_cycle_is_told_what_the_history_spans(state):
    with pytest.raises(
        ConfigError, match=r"SITE_A had no cycle since .*; the history goes from 2030-01-31T02:06"
    ):
        show_history("SITE_A", "1m", 3, None, state, as_json=False)


def test_a_queue_that_never_was_is_told(state):
    with pytest.raises(ConfigError, match="did you mean 'GONE'"):
        show_history("GON", "1h", 3, None, state, as_json=False)
