"""Limits of the guard, as operators write them: for a queue, for a target, for the whole factory."""

from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

from autopyfactory.downtime import Downtime
from autopyfactory.fields import Count, Duration, Limit, Options, Positive, Ratio, parse_limit

SHARE = {
    "anyOf": [{"type": "number", "minimum": 0, "maximum": 1}, {"const": "unlimited"}],
    "examples": [0.2],
}
Share = Annotated[
    Ratio | None,
    BeforeValidator(parse_limit),
    PlainSerializer(lambda value: "unlimited" if value is None else value),
    WithJsonSchema(SHARE),
]
Failures = Annotated[
    Positive | None,
    BeforeValidator(parse_limit),
    PlainSerializer(lambda value: "unlimited" if value is None else value),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 1}, {"const": "unlimited"}]}),
]


class BreakerOptions(Options):
    """When a place that keeps failing is left alone for a while."""

    failures: Failures = 10
    """Failures in a row that open the breaker; 'unlimited': it never opens."""
    backoff: Duration = timedelta(minutes=1)
    """How long it stays open the first time; each failed trial doubles that."""
    longest: Duration = timedelta(hours=1)
    """How long it stays open at most before one pilot is tried."""


class QueueLimits(Options):
    """Limits of the guard for one queue."""

    breaker: BreakerOptions = BreakerOptions()
    """When this queue, failing again and again, is left alone for a while."""
    downtime: tuple[Downtime, ...] = ()
    """Times during which this queue submits nothing."""


class Limits(Options):
    """Limits of the guard, for one target or for the whole factory; each may be 'unlimited'."""

    per_minute: Limit = None
    """Pilots that may be submitted a minute; the bucket starts empty and holds one minute's worth."""
    max_pilots: Limit = None
    """Pilots that may wait and run in all."""
    retire_share: Share = None
    """Share of the pilots, 0 to 1, that may be retired within `retire_period`."""
    retire_least: Count = 10
    """So many pilots may be retired within `retire_period` whatever the share."""
    retire_period: Duration = timedelta(hours=1)
    """The time within which retired pilots are counted."""
    downtime: tuple[Downtime, ...] = ()
    """Times during which nothing is submitted."""


class TargetLimits(Limits):
    """Limits of the guard for one target.  To raise one leaves the other as it is."""

    per_minute: Limit = 6000
    """Pilots that may be submitted a minute; the bucket starts empty and holds one minute's worth."""
    max_pilots: Limit = 10_000
    """Pilots that may wait and run in all."""
    retire_share: Share = 0.2
    """Share of the pilots, 0 to 1, that may be retired within `retire_period`."""
    breaker: BreakerOptions = BreakerOptions()
    """When this target, failing for several queues again and again, is left alone for a while."""


class FactoryLimits(Limits):
    """Limits over all targets, and when a reading is too good or too bad to be believed at once."""

    max_pilots: Limit = 100_000
    """Pilots that may wait and run at all targets together."""
    retire_share: Share = 0.2
    """Share of the pilots, 0 to 1, that may be retired within `retire_period`."""
    fall: Annotated[float, Field(gt=0, le=1)] = 0.5
    """Share by which work or pilots may fall between two readings before a second one must agree."""
    least: Count = 10
    """Falls smaller than this many pilots or jobs are believed at once."""
