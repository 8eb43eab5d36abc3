"""The commands that read the history hand on what was typed."""

import json
import time

import pytest
from typer.testing import CliRunner

from autopyfactory.app.cli import app
from remembered import NOW, remember


@pytest.fixture
def typed(tmp_path, monkeypatch):
    """A command in this process, on a history of one day: what it says."""
    monkeypatch.setattr(time, "time", lambda: NOW + 120)
    state = remember(tmp_path)

    def typed(*words):
        result = CliRunner().invoke(app, [*words, "--state", str(state)])
        assert result.exit_code == 0, result.output
        return result.stdout

    return typed


def test_explain_takes_a_queue_and_a_moment(typed):
    assert typed("explain", "SITE_A").startswith("SITE_A: cycle 100 of 2030-01-31T12:00:00Z")
    assert json.loads(typed("explain", "SITE_A", "--at", "92m", "--json"))["cycle"] == 85


def test_history_takes_a_time_and_a_number_of_rows(typed):
    rows = json.loads(typed("history", "SITE_A", "--since", "10m", "--json"))
    assert [row["cycle"] for row in rows] == [99, 100]
    shown = typed("history", "SITE_A", "--since", "2h", "--rows", "3")
    assert "the newest 3; --rows shows more, --json all" in shown


def test_diff_takes_two_moments(typed):
    assert json.loads(typed("diff", "--from", "2h", "--to", "1h", "--json"))
