"""Commands find a history, and ask it for moments that it knows."""

import time

import pytest

from autopyfactory.app import past
from autopyfactory.app.past import (
    definition_of,
    find_history,
    interval_of,
    moment,
    open_history,
    report_at,
    reports_at,
)
from autopyfactory.errors import ConfigError
from autopyfactory.model import Report
from remembered import NOW, remember


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path / "autopyfactory"


@pytest.fixture
def history(tmp_path, monkeypatch):
    monkeypatch.setattr(time, "time", lambda: NOW)
    with open_history(None, remember(tmp_path)) as opened:
        yield opened


def test_the_history_of_a_configuration_or_a_state_folder_is_found(tmp_path):
    config = tmp_path / "factory.toml"
    config.write_text('[factory]\nid = "here"\nstate = "state"\n')
    assert find_history(config, None) == tmp_path / "state" / "history.sqlite"
    assert find_history(config, tmp_path) == tmp_path / "history.sqlite"


def test_without_a_word_the_only_history_is_meant(home):
    with pytest.raises(ConfigError, match=r"no history under .*; name a CONFIG, or --state FOLDER"):
        find_history(None, None)
    for name in ("site-a", "site-b"):
        (home / name).mkdir(parents=True)
        (home / name / "history.sqlite").touch()
        if name == "site-a":
            assert find_history(None, None) == home / "site-a" / "history.sqlite"
    with pytest.raises(ConfigError, match=r"several histories under .*: site-a, site-b; name a CONFIG"):
        find_history(None, None)


def test_a_moment_is_now_or_what_was_written(history):
    assert moment(history, None) == NOW
    assert moment(history, "10m") == NOW - 600


@pytest.mark.parametrize("text", ["30d", "2090-01-01"])
def test_a_moment_outside_the_record_is_told_what_the_record_spans(history, text):
    with pytest.raises(
        ConfigError, match=r"nothing is known of .*: the history goes from 2030-01-31T02:06:00Z to 2030"
    ):
        moment(history, text)


def test_a_history_without_a_cycle_is_told(tmp_path):
    (tmp_path / "history.sqlite").touch()
    with open_history(None, tmp_path) as empty, pytest.raises(ConfigError, match="no cycle has ended yet"):
        moment(empty, None)


def test_the_last_cycle_of_a_queue_is_found(history):
    assert report_at(history, "SITE_A", NOW).number == 100
    assert report_at(history, "SITE_A", NOW - 600).number == 98


def test_a_queue_that_is_not_there_is_told_with_the_nearest_that_is(history):
    with pytest.raises(ConfigError, match=r"no queue 'SITE_AA' in the history; did you mean 'SITE_A'"):
        report_at(history, "SITE_AA", NOW)


def test_a_queue_that_was_not_there_yet_is_told_when_it_came(history):
    with pytest.raises(
        ConfigError, match=r"of LATE at 2030-01-31T03:00:00Z: its first cycle was 2030-01-31T11:"
    ):
        report_at(history, "LATE", NOW - 9 * 3600)


def test_queues_without_a_cycle_for_three_intervals_are_silent(history):
    there, silent = reports_at(history, NOW)
    assert [report.queue for report in there] == ["LATE", "SITE_A"]
    assert silent == ["GONE"]


@pytest.mark.parametrize(("text", "interval"), [('{"interval": "1h"}', 3600.0), ("", 360.0), ("[]", 360.0)])
def test_a_definition_is_read_where_there_is_one(text, interval):
    report = Report(queue="q", definition=text)
    assert interval_of(report) == interval
    assert isinstance(definition_of(report), dict)
    assert past.QUIET == 3
