"""`apf status --at` shows all queues as they were."""

import json
import time

import pytest

from autopyfactory.app.commands.status_then import show_status_then
from remembered import NOW, remember


@pytest.fixture
def state(tmp_path, monkeypatch):
    monkeypatch.setattr(time, "time", lambda: NOW + 120)
    return remember(tmp_path)


def test_every_queue_has_a_line_and_those_that_are_gone_are_named(state, capsys):
    assert show_status_then("now", None, state, as_json=False) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "as of 2030-01-31T12:02:00Z"
    assert lines[1].split() == [
        "queue",
        "state",
        "before",
        "cycle",
        "ready",
        "pending",
        "running",
        "last",
        "cycle",
    ]
    assert lines[2].split() == [
        "LATE",
        "fine",
        "2m",
        "100",
        "0",
        "2",
        "100",
        "nothing:",
        "no",
        "work",
        "waits",
    ]
    assert lines[3].split()[:3] == ["SITE_A", "fine", "2m"]
    assert lines[4] == "without a cycle for long: GONE"


def test_trouble_comes_first(state, capsys):
    show_status_then("2030-01-31T11:01Z", None, state, as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert told["at"] == "2030-01-31T11:01:00Z"
    assert [(queue["queue"], queue["state"], queue["age"]) for queue in told["queues"]] == [
        ("SITE_A", "failed", 60.0)
    ]
    assert told["silent"] == ["GONE", "LATE"]


def test_where_no_queue_was_there_there_is_no_table(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(time, "time", lambda: NOW + 10_000)
    show_status_then("1m", None, remember(tmp_path), as_json=False)
    assert capsys.readouterr().out.splitlines()[1:] == ["without a cycle for long: GONE, LATE, SITE_A"]
