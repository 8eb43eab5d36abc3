"""Downtimes: when nothing is submitted, once or every day or week, in the time zone of the place."""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, WithJsonSchema, model_validator

from autopyfactory.fields import Flag, Options, quote
from autopyfactory.view import EVERYWHERE, Closure, Scope

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY, WEEK = 1440, 10080  # minutes
RECURRING = re.compile(r"(?:([a-z]{3}) +)?(\d\d?):(\d\d)")
FORMS = "'2030-01-31T08:00:00Z', '22:00' or 'tue 06:00'"


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time, or one of every day or week in minutes since its beginning (monday)."""

    once: datetime | None = None
    minute: int = 0
    period: int = 0  # DAY or WEEK; 0: once

    def __str__(self) -> str:
        if self.once is not None:
            return self.once.isoformat()
        day = f"{DAYS[self.minute // DAY]} " if self.period == WEEK else ""
        return f"{day}{self.minute % DAY // 60:02}:{self.minute % 60:02}"


def parse_moment(text: Any) -> Any:
    """A date with time, '22:00' every day, or 'tue 06:00' every week."""
    if isinstance(text, Moment):
        return text
    if isinstance(text, datetime):
        return Moment(once=text)
    if isinstance(text, time):
        return Moment(minute=text.hour * 60 + text.minute, period=DAY)
    match = RECURRING.fullmatch(text.strip().lower()) if isinstance(text, str) else None
    return parse_once(text) if match is None else parse_recurring(text, match)


def parse_once(text: Any) -> Moment:
    """A date with time as ISO 8601 writes it."""
    try:
        if isinstance(text, date) or "T" not in (whole := text.strip().upper().replace(" ", "T")):
            raise ValueError
        return Moment(once=datetime.fromisoformat(whole))
    except (AttributeError, ValueError) as error:
        found = str(text) if isinstance(text, date) else quote(text)
        raise ValueError(f"{found} is no point in time; write {FORMS}") from error


def parse_recurring(text: str, match: re.Match[str]) -> Moment:
    """A time of every day, or of one day of every week."""
    day, hour, minute = match[1], int(match[2]), int(match[3])
    if hour > 23 or minute > 59 or (day is not None and day not in DAYS):
        raise ValueError(f"{quote(text)} is no point in time; days are {', '.join(DAYS)}")
    since = hour * 60 + minute
    if day is None:
        return Moment(minute=since, period=DAY)
    return Moment(minute=DAYS.index(day) * DAY + since, period=WEEK)


def check_zone(zone: str) -> str:
    """The name of a time zone that this machine knows."""
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as error:
        near = difflib.get_close_matches(zone[:60], available_timezones(), 1)
        hint = f"did you mean '{near[0]}'?" if near else "write 'UTC' or such as 'Europe/Zurich'"
        raise ValueError(f"no time zone {quote(zone)}; {hint}") from error
    return zone


At = Annotated[
    Moment,
    BeforeValidator(parse_moment),
    PlainSerializer(str),
    WithJsonSchema({"type": "string", "examples": ["2030-01-31T08:00:00Z", "22:00", "tue 06:00"]}),
]


class Downtime(Options):
    """A time during which nothing is submitted."""

    start: At
    """When it begins: a date with time, a time of every day ('22:00'), or of every week ('tue 06:00')."""
    end: At
    """When it ends, written like `start`; '06:00' may be of the next day, 'mon 06:00' of the next week."""
    zone: Annotated[str, AfterValidator(check_zone)] = "UTC"
    """The time zone of times that do not say their own."""
    name: str = ""
    """What the trail calls it."""
    retire: Flag = True
    """Whether policies may retire pilots meanwhile."""

    @model_validator(mode="after")
    def check_order(self) -> "Downtime":
        """Both ends are written alike, and the end is not the start."""
        if self.start.period != self.end.period:
            raise ValueError(f"start '{self.start}' and end '{self.end}' are written in different forms")
        if self.start.once is not None and self.end.once is not None:
            if self._stamp(self.end.once) <= self._stamp(self.start.once):
                raise ValueError(f"ends at '{self.end}', before it starts at '{self.start}'")
        elif self.start == self.end:
            raise ValueError(f"start and end are both '{self.start}'")
        return self

    def ends(self, wall: float) -> float | None:
        """When the downtime that holds at `wall` ends (seconds since the epoch); None when none holds."""
        if self.start.once is not None and self.end.once is not None:
            end = self._stamp(self.end.once)
            return end if self._stamp(self.start.once) <= wall < end else None
        local = datetime.fromtimestamp(wall, ZoneInfo(self.zone))
        period = self.start.period
        now = local.hour * 60 + local.minute + (local.weekday() * DAY if period == WEEK else 0)
        left = (self.end.minute - self.start.minute) % period - (now - self.start.minute) % period
        if left <= 0:
            return None
        return (local.replace(second=0, microsecond=0) + timedelta(minutes=left)).timestamp()

    def _stamp(self, moment: datetime) -> float:
        known = moment if moment.tzinfo is not None else moment.replace(tzinfo=ZoneInfo(self.zone))
        return known.timestamp()


def closures(
    downtimes: Mapping[tuple[Scope, str], tuple[Downtime, ...]], queue: str, target: str, wall: float
) -> tuple[Closure, ...]:
    """The downtimes that hold at `wall` (seconds since the epoch): of the queue, its target, the factory."""
    return tuple(
        Closure(scope=scope, place=place, name=downtime.name, until=until, retire=downtime.retire)
        for scope, place in ((Scope.QUEUE, queue), (Scope.TARGET, target), (Scope.FACTORY, EVERYWHERE))
        for downtime in downtimes.get((scope, place), ())
        if (until := downtime.ends(wall)) is not None
    )
