"""No pilots."""

from dataclasses import dataclass

from autopyfactory.model import Observation
from autopyfactory.rule import Rule


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Null(Rule):
    """Start nothing and retire nothing: always 0."""

    def __call__(self, _count: int, _seen: Observation, /) -> int:
        return 0
