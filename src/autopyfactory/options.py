"""Typed options: the ancestors and the field types that every plug-in's configuration is made of."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from autopyfactory.fields import (
    DURATION,
    FOREVER,
    LIMIT,
    LONGEST,
    LONGEST_CALL,
    MOST,
    SECONDS,
    SIZE,
    TABLE,
    Count,
    Days,
    Duration,
    Factor,
    Flag,
    Limit,
    Location,
    Options,
    Positive,
    Ratio,
    Size,
    Table,
    Text,
    Timeout,
    parse_duration,
    write_duration,
    write_text,
)
from autopyfactory.limits import FactoryLimits, Limits, QueueLimits, TargetLimits

__all__ = [
    "DURATION",
    "FOREVER",
    "LIMIT",
    "LONGEST",
    "LONGEST_CALL",
    "MOST",
    "SECONDS",
    "SIZE",
    "TABLE",
    "CatalogSection",
    "Count",
    "Days",
    "Duration",
    "Factor",
    "FactoryLimits",
    "Flag",
    "HeldAs",
    "Limit",
    "Limits",
    "Location",
    "Options",
    "PilotOptions",
    "Positive",
    "QueueLimits",
    "Ratio",
    "Size",
    "SourceSection",
    "Table",
    "TargetLimits",
    "TargetSection",
    "Text",
    "Timeout",
    "parse_duration",
    "write_duration",
    "write_text",
]


class PilotOptions(Options):
    """What one submission of a queue consists of; targets add their own fields."""

    cores: Positive = 1
    """Cores that one pilot offers."""


class CatalogSection(Options):
    """What every catalogue understands."""

    refresh: Annotated[Duration, Field(ge=timedelta(seconds=10))] = timedelta(minutes=10)
    """Time from one reading to the next, in the daemon."""
    timeout: Timeout = timedelta(seconds=60)
    """How long one reading may take."""
    fall: Annotated[float, Field(gt=0, le=1)] = 0.3
    """Share of its queues that may vanish from one reading to the next; more is a collapse."""
    agree: Positive = 3
    """Readings in a row that must agree on a collapse until it is believed."""
    template: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """What the queues of each kind of place are made of: tables of queues, whose words may hold {field}."""


class HeldAs(StrEnum):
    """What a held pilot counts as."""

    PENDING = "pending"
    RUNNING = "running"
    NOTHING = "nothing"


class SourceSection(Options):
    """What every work source understands."""

    max_age: Duration = timedelta(seconds=60)
    """How old an answer may be before it is asked anew."""
    timeout: Timeout = timedelta(seconds=60)
    """How long one query may take."""
    lag: Duration = timedelta(0)
    """How far the source's counts are known to lag behind the truth."""


class CredentialSection(Options):
    """What every credential understands."""

    minimum: Duration = timedelta(minutes=5)
    """How long it must still be valid to be used."""
    warn: Duration | None = None
    """How long before its end log and status begin to warn; unset: when a fifth of its life is left."""


class TargetSection(Options):
    """What every target understands."""

    max_age: Duration = timedelta(seconds=60)
    """How old an answer may be before it is asked anew."""
    timeout: Timeout = timedelta(seconds=60)
    """How long one query or act may take."""
    settle: Duration = timedelta(seconds=60)
    """How long after its death an unanswered submission may still turn up at the target."""
    held_as: HeldAs = HeldAs.PENDING
    """What held pilots count as."""
    guard: TargetLimits = TargetLimits()
    """Limits of the guard for this target."""
