"""A multiple or a fraction of the count."""

import math
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from autopyfactory.model import Observation
from autopyfactory.options import Factor
from autopyfactory.rule import Rule, part


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Scale(Rule):
    """Multiply the count: count x factor, rounded up.

    One piece of ready work keeps one pilot, however small the factor; what is negative is rounded
    towards 0.
    """

    factor: Annotated[Factor, Field(description="What the count is multiplied by; 0 or more.")] = 1.0

    def __call__(self, count: int, _seen: Observation, /) -> int:
        return math.ceil(part(count, self.factor))
