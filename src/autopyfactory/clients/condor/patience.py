"""How long a pilot may be in trouble: rules that the schedd itself follows, also while we are down."""

from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

from autopyfactory.options import Count, Duration, PilotOptions, write_duration

BY_HAND = "HoldReasonCode =!= 1 && HoldReasonCode =!= 15"  # by a user, and submitted so
SPOOLING = "HoldReasonCode =!= 16"  # its files are on their way
HOLDS = "max({1, NumHolds ?: 0, NumSystemHolds ?: 0})"  # grid jobs may have the second only
# one at a CE that is down could not be taken away there: it would stay for ever, beside its successors
REMOVABLE = "(GridJobId =?= undefined || GridResourceUnavailableTime =?= undefined)"
AGE = "time() - EnteredCurrentStatus"


def parse_span(value: Any) -> Any:
    """A duration, or the word 'never'."""
    return None if value == "never" else value


SPAN = {"anyOf": [{"type": ["string", "number"], "examples": ["90s", "6m", "1h30m"]}, {"const": "never"}]}
Span = Annotated[
    Duration | None,
    BeforeValidator(parse_span),
    PlainSerializer(lambda value: "never" if value is None else write_duration(value)),
    WithJsonSchema(SPAN),
]


class Patience(PilotOptions):
    """When a pilot is released, and when it is given up."""

    releases: Count = 10
    """How often a held pilot is released; 0: never.  At the hold after the last release it is removed."""
    release_after: Annotated[Duration, Field(ge=timedelta(seconds=1))] = timedelta(minutes=5)
    """How long its first hold lasts; the second lasts twice as long, the third three times, ..."""
    held_for: Span = timedelta(hours=4)
    """How long one hold may last before the pilot is removed; 'never': held ones are never removed."""
    pending_for: Span = None
    """How long a pilot may wait to run before it is removed, so that another takes its place; or 'never'."""


def upkeep(patience: Patience) -> dict[str, str]:
    """Submit commands; a hold by a user is a user's to end."""
    commands = {}
    if patience.releases:
        after = f"{seconds(patience.release_after)} * {HOLDS}"
        commands["periodic_release"] = (
            f"JobStatus == 5 && {BY_HAND} && {SPOOLING} && {HOLDS} <= {patience.releases} && {AGE} >= {after}"
        )
    removal = []
    if patience.held_for is not None:
        often = f"{HOLDS} > {patience.releases} || " if patience.releases else ""
        removal.append(f"(JobStatus == 5 && {BY_HAND} && ({often}{AGE} > {seconds(patience.held_for)}))")
    if patience.pending_for is not None:
        removal.append(f"(JobStatus == 1 && {REMOVABLE} && {AGE} > {seconds(patience.pending_for)})")
    if removal:
        commands["periodic_remove"] = " || ".join(removal)
    return commands


def seconds(span: timedelta) -> int:
    """Whole seconds, as the schedd's clock has them."""
    return round(span.total_seconds())
