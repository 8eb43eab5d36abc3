"""The tables that an operator writes for queues: `[queue.x]`, `[template.x]`, `[defaults]`."""

from datetime import timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from autopyfactory.options import Count, Days, Duration, Flag, Options, QueueLimits

LONGEST = timedelta(days=7)


def check_interval(interval: timedelta) -> timedelta:
    """An interval that a clock can wait for."""
    if not timedelta(0) < interval <= LONGEST:
        raise ValueError("an interval is longer than 0 and at most 7d")
    return interval


Interval = Annotated[Duration, AfterValidator(check_interval)]
Weight = Annotated[float, Field(gt=0, le=1e6, allow_inf_nan=False, strict=True)]


class WhenUnknown(Options):
    """What to do in a cycle whose demand is unknown."""

    submit: Count
    """Pilots to submit then, behind the caps of the chain."""


class QueueTable(Options):
    """A queue, or what many queues have in common."""

    enabled: Flag = True
    """Whether the queue runs."""
    like: str | tuple[str, ...] = ()
    """Templates that it starts from; a later one wins over an earlier one."""
    source: str | None = None
    """The section of the work source; without it, no work is ever known."""
    target: str | None = None
    """The section of the target."""
    work: dict[str, Any] = Field(default_factory=dict)
    """What the source selects by; the kind of the source says what it holds."""
    pilot: dict[str, Any] = Field(default_factory=dict)
    """What one submission consists of; the kind of the target says what it holds."""
    policies: tuple[dict[str, Any], ...] = Field(default=(), examples=[[{"kind": "ready"}]])
    """The chain of rules, in order; each a table with `kind` and its options, and a `name` if you like."""
    shadow: tuple[dict[str, Any], ...] = Field(default=(), examples=[[{"kind": "ready"}]])
    """A second chain to try out: its number is computed, reported, and never acted on."""
    policy: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """Options of single policies of the chain, by kind or name: `policy.max_pending.limit = 2`."""
    credentials: tuple[str, ...] = Field(default=(), examples=[["prod", "reserve"]])
    """Credentials of its pilots, the preferred one first; of each type the first valid one is used."""
    interval: Interval = timedelta(minutes=6)
    """Time from one cycle to the next."""
    when_unknown: WhenUnknown | None = None
    """What to do in a cycle whose demand is unknown; without it, nothing."""
    weight: Weight = 1.0
    """The part of this queue among those that serve the same work, for `share`."""
    guard: QueueLimits = QueueLimits()
    """Limits of the guard for this queue alone."""
    keep_days: Days | None = None
    """Days that the logs of its ended pilots are kept; unset: as `[factory] keep_days` says."""


KEYS = frozenset(QueueTable.model_fields)
