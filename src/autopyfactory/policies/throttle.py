"""A brake for places where pilots die at once."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from pydantic import Field

from autopyfactory.model import Need, Observation
from autopyfactory.options import Count, Duration, Ratio
from autopyfactory.rule import Rule


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Throttle(Rule):
    """Start only `submit` pilots while too many die young: short / ended above ratio, of those begun lately.

    It looks at the ended pilots that began less than `interval` ago; one that ran for less than
    `max_time` is short.  `submit` takes the place of the count even where it is larger: a place that
    swallows pilots goes on being tried.  Without ended pilots the count stays as it is; while
    nobody knows how pilots ended, it is at most `submit`.
    """

    needs = frozenset({Need.ENDED})
    interval: Annotated[Duration, Field(description="Pilots begun within this time count.")] = timedelta(
        hours=1
    )
    max_time: Annotated[Duration, Field(description="A shorter run time is short.")] = timedelta(seconds=10)
    ratio: Annotated[Ratio, Field(description="The part of short pilots, 0 to 1, above which it acts.")] = 0.5
    submit: Annotated[Count, Field(description="Pilots a cycle while it acts.")] = 1

    def __call__(self, count: int, seen: Observation, /) -> int:
        if seen.supply.ended is None:
            return min(count, self.submit)
        since = seen.supply.clock - self.interval.total_seconds()
        limit = self.max_time.total_seconds()
        times = [pilot.run_time for pilot in seen.supply.ended if pilot.end - pilot.run_time > since]
        short = sum(time < limit for time in times)
        return self.submit if times and short / len(times) > self.ratio else count
