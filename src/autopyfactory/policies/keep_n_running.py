"""A steady number of pilots."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from autopyfactory.model import Observation
from autopyfactory.options import Count
from autopyfactory.rule import Rule


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class KeepNRunning(Rule):
    """Keep so many pilots: count - running - pending pilots; too many are retired.

    Without the option `count`, the count it is given is the number to keep: it turns a target into
    the difference from what is there.
    """

    count: Annotated[
        Count | None, Field(description="Pilots to keep, waiting and running; unset: the count it is given.")
    ] = None

    def __call__(self, count: int, seen: Observation, /) -> int:
        keep = count if self.count is None else self.count
        return keep - seen.supply.running - seen.supply.pending
