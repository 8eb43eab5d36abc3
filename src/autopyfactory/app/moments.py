"""Moments as people write them: '2030-01-31T12:00Z', '14:30', 'yesterday 14:30', '2h ago'."""

import re
from datetime import datetime, time, timedelta

from autopyfactory.errors import ConfigError
from autopyfactory.options import parse_duration

DAYS = {"today": 0, "yesterday": 1}
BACK = re.compile(r"-?(\d.*?)( ago)?")


def parse_moment(text: str, now: float) -> float:
    """Seconds since the epoch; what names no time zone is local time, and a duration goes back from `now`.

    `ConfigError` where it is none of these.
    """
    words = text.strip()
    if words == "now":
        return now
    found = read_date(words, datetime.fromtimestamp(now).astimezone())
    if found is not None:
        return found.timestamp()
    match = BACK.fullmatch(words)
    try:
        duration: timedelta = parse_duration(match[1] if match else words)
        return now - duration.total_seconds()
    except ValueError as error:
        raise ConfigError(
            f"'{text[:60]}' is no moment; write '2030-01-31T12:00Z', '14:30', 'yesterday 14:30' or '2h ago'"
        ) from error


def read_date(words: str, now: datetime) -> datetime | None:
    """A date with a time, a day, or a time of day, which is in the past; None if it is none of them."""
    day, _, rest = words.partition(" ")
    if day in DAYS:
        clock = read_time(rest or "00:00")
        return None if clock is None else at(now - timedelta(days=DAYS[day]), clock)
    clock = read_time(words) if ":" in words else None
    if clock is not None:
        today = at(now, clock)
        return today if today <= now else at(now - timedelta(days=1), clock)
    try:
        return datetime.fromisoformat(words).astimezone() if "-" in words[1:] else None
    except (ValueError, OverflowError):
        return None


def read_time(words: str) -> time | None:
    """A time of day."""
    try:
        return time.fromisoformat(words)
    except ValueError:
        return None


def at(day: datetime, clock: time) -> datetime:
    """That time of that day, by the clock on the wall unless it names a zone."""
    moment = datetime.combine(day.date(), clock)
    return moment.astimezone() if clock.tzinfo is None else moment
