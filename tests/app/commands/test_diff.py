"""`apf diff` shows what became of every queue between two moments."""

import json
import time

import pytest

from autopyfactory.app.commands.diff import show_differences
from autopyfactory.errors import ConfigError
from remembered import NOW, remember


@pytest.fixture
def state(tmp_path, monkeypatch):
    monkeypatch.setattr(time, "time", lambda: NOW + 120)
    return remember(tmp_path)


def test_levels_sums_settings_and_queues_that_came_and_went_are_told(state, capsys):
    assert show_differences("9h", None, None, state, as_json=False) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "from 2030-01-31T03:02:00Z to 2030-01-31T12:02:00Z: 3 queues changed"
    rows = {line.split()[0]: line for line in lines[2:5]}
    told = "SITE_A 20 -> 20 2 -> 2 10 -> 100 356 0 1"
    assert rows["SITE_A"].split() == told.split()
    assert rows["GONE"].endswith("gone")
    assert rows["LATE"].endswith("new")
    assert lines[5:] == ["SITE_A: policies.max_per_cycle.limit was 4 and is 5"]


def test_nothing_between_two_equal_moments_is_told(state, capsys):
    show_differences("2030-01-31T08:01Z", "2030-01-31T08:02Z", None, state, as_json=False)
    assert capsys.readouterr().out.splitlines() == [
        "from 2030-01-31T08:01:00Z to 2030-01-31T08:02:00Z: 0 queues changed"
    ]


def test_for_programs_all_queues_are_told(state, capsys):
    show_differences("1h", "30m", None, state, as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert (told["from"], told["to"]) == ("2030-01-31T11:02:00Z", "2030-01-31T11:32:00Z")
    [site] = told["queues"]
    assert site["queue"] == "SITE_A"
    assert site["before"] == dict.fromkeys(("ready", "pending", "running", "submitted", "retired"))
    assert site["done"] == {"submitted": 20, "retired": 0, "failed": 0}
    assert site["settings"] == [{"key": "policies.max_per_cycle.limit", "before": 4, "after": 5}]


def test_the_first_moment_comes_first(state):
    with pytest.raises(ConfigError, match=r"--from .*T11:32:00Z is not before --to .*T11:02:00Z"):
        show_differences("30m", "1h", None, state, as_json=False)
