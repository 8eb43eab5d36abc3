"""The same number every cycle."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from autopyfactory.model import Observation
from autopyfactory.options import Count
from autopyfactory.rule import Rule


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Fixed(Rule):
    """Start so many pilots every cycle, whatever the count was."""

    count: Annotated[Count, Field(description="Pilots that every cycle starts.")]

    def __call__(self, _count: int, _seen: Observation, /) -> int:
        return self.count
