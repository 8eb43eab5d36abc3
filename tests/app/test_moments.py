"""A moment may be written as people write it."""

import time
from datetime import UTC, datetime

import pytest

from autopyfactory.app.moments import parse_moment
from autopyfactory.errors import ConfigError

NOW = datetime(2030, 1, 31, 12, 0, tzinfo=UTC).timestamp()


@pytest.fixture(autouse=True)
def in_a_zone(monkeypatch):
    """Local time is one hour ahead of UTC."""
    monkeypatch.setenv("TZ", "XXX-1")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2030-01-31T10:30Z", "2030-01-31T10:30Z"),
        ("2030-01-31T10:30:15.5+02:00", "2030-01-31T08:30:15.5Z"),
        ("2030-01-31 10:30", "2030-01-31T09:30Z"),
        ("2030-01-30", "2030-01-29T23:00Z"),
        ("12:30", "2030-01-31T11:30Z"),
        ("13:30", "2030-01-30T12:30Z"),
        ("11:30Z", "2030-01-31T11:30Z"),
        ("today 01:00", "2030-01-31T00:00Z"),
        ("yesterday", "2030-01-29T23:00Z"),
        ("yesterday 14:00", "2030-01-30T13:00Z"),
        (" now ", "2030-01-31T12:00Z"),
        ("2h", "2030-01-31T10:00Z"),
        ("-2h", "2030-01-31T10:00Z"),
        ("1h30m ago", "2030-01-31T10:30Z"),
    ],
)
def test_it_is_understood(text, moment):
    assert parse_moment(text, NOW) == datetime.fromisoformat(moment).timestamp()


@pytest.mark.parametrize(
    "text", ["", "soon", "25:00", "yesterday noon", "2030-13-01", "2x ago", "0001-01-01"]
)
def test_what_is_no_moment_is_told_with_the_ways_to_write_one(text):
    with pytest.raises(ConfigError, match=r"is no moment; write '2030-01-31T12:00Z', '14:30'"):
        parse_moment(text, NOW)
