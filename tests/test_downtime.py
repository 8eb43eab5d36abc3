"""A downtime holds from its start to its end, once, every day or every week, in its own time zone."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from autopyfactory.downtime import Downtime

WORKS = {"start": "2030-01-31T08:00:00Z", "end": "2030-01-31T18:00Z"}


def wall(text, zone="UTC"):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


@pytest.mark.parametrize(
    ("table", "now", "until"),
    [
        (WORKS, "2030-01-31T07:59", None),
        (
            WORKS,
            "2030-01-31T08:00",
            "2030-01-31T18:00",
        ),
        (WORKS, "2030-01-31T18:00", None),
        ({"start": "2030-01-31 08:00", "end": "2030-01-31 18:00"}, "2030-01-31T12:00", "2030-01-31T18:00"),
        (
            {"start": "2030-01-31 08:00", "end": "2030-01-31 18:00", "zone": "Europe/Zurich"},
            "2030-01-31T07:30",
            "2030-01-31T17:00",
        ),
        ({"start": "22:00", "end": "06:00"}, "2030-01-31T21:59", None),
        ({"start": "22:00", "end": "06:00"}, "2030-01-31T22:00:30", "2030-02-01T06:00"),
        ({"start": "22:00", "end": "06:00"}, "2030-02-01T05:59:59", "2030-02-01T06:00"),
        ({"start": "22:00", "end": "06:00"}, "2030-02-01T06:00", None),
        (
            {"start": "8:00", "end": "9:30", "zone": "America/New_York"},
            "2030-01-31T13:10",
            "2030-01-31T14:30",
        ),
        ({"start": "tue 06:00", "end": "tue 10:00"}, "2030-01-29T09:00", "2030-01-29T10:00"),
        ({"start": "tue 06:00", "end": "tue 10:00"}, "2030-01-30T09:00", None),
        ({"start": "Fri 18:00", "end": "mon 06:00"}, "2030-02-03T12:00", "2030-02-04T06:00"),
        ({"start": "Fri 18:00", "end": "mon 06:00"}, "2030-02-04T06:00", None),
    ],
)
def test_it_holds_until_its_end(table, now, until):
    ends = Downtime(**table).ends(wall(now))
    assert ends == (None if until is None else wall(until))


def test_dates_and_times_of_toml_are_read_as_they_are():
    once = Downtime(start=datetime(2030, 1, 31, 8, tzinfo=UTC), end=datetime(2030, 1, 31, 9, tzinfo=UTC))
    assert once == Downtime(start="2030-01-31T08:00:00Z", end="2030-01-31T09:00:00Z")
    daily = Downtime(start=time(8, 30), end="09:00")
    assert (str(daily.start), str(daily.end)) == ("08:30", "09:00")


def test_what_is_written_is_read_back():
    daily, weekly = {"start": "22:00", "end": "06:30"}, {"start": "fri 18:00", "end": "mon 06:00"}
    for table in (WORKS, daily, weekly):
        downtime = Downtime(**table, name="works")
        assert Downtime.model_validate(downtime.model_dump()) == downtime
        assert downtime == Downtime(start=downtime.start, end=downtime.end, name="works")


def test_a_night_that_loses_an_hour_ends_by_the_clock_on_the_wall():
    night = Downtime(start="22:00", end="06:00", zone="Europe/Zurich")
    assert night.ends(wall("2030-03-30T23:00", "Europe/Zurich")) == wall("2030-03-31T06:00", "Europe/Zurich")


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (
            {"start": "noon", "end": "13:00"},
            "'noon' is no point in time; write '2030-01-31T08:00:00Z', '22:00'",
        ),
        ({"start": 8, "end": "13:00"}, "a value of type int is no point in time"),
        ({"start": date(2030, 1, 31), "end": "13:00"}, "2030-01-31 is no point in time"),
        ({"start": "2030-01-31", "end": "13:00"}, "'2030-01-31' is no point in time"),
        ({"start": "25:00", "end": "13:00"}, "'25:00' is no point in time"),
        ({"start": "dim 06:00", "end": "tue 10:00"}, "days are mon, tue, wed"),
        (
            {"start": "08:00", "end": "tue 10:00"},
            "start '08:00' and end 'tue 10:00' are written in different",
        ),
        ({"start": "08:00", "end": "08:00"}, "start and end are both '08:00'"),
        ({"start": "2030-01-31T08:00Z", "end": "2030-01-31T07:00Z"}, "before it starts at '2030-01-31T08"),
        ({"start": "08:00", "end": "09:00", "zone": "Europe/Zurrich"}, "did you mean 'Europe/Zurich'?"),
        ({"start": "08:00", "end": "09:00", "zone": "?"}, "no time zone '\\?'; write 'UTC'"),
    ],
)
def test_what_is_none_is_refused_in_plain_words(table, words):
    with pytest.raises(ValidationError, match=words):
        Downtime.model_validate(table)


@given(
    start=st.integers(0, 1439),
    length=st.integers(1, 1439),
    now=st.integers(1_700_000_000, 1_900_000_000),
)
def test_a_daily_one_holds_for_its_length(start, length, now):
    def clock(minute):
        return f"{minute // 60 % 24}:{minute % 60:02}"

    downtime = Downtime(start=clock(start), end=clock(start + length))
    passed = (now // 60 - start) % 1440
    ends = downtime.ends(float(now))
    assert (ends is not None) == (passed < length)
    assert ends is None or ends == (now // 60 + length - passed) * 60
