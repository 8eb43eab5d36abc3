"""Chance: times that differ from pilot to pilot, and the shares of those that go wrong."""

import math
from enum import StrEnum
from random import Random
from typing import Annotated

from pydantic import Field

from autopyfactory.options import Duration, Options

Share = Annotated[float, Field(ge=0.0, le=1.0)]


class Shape(StrEnum):
    """How drawn times lie around their mean."""

    FIXED = "fixed"
    UNIFORM = "uniform"
    EXPONENTIAL = "exponential"
    LOGNORMAL = "lognormal"


class Spread(Options):
    """A time drawn by chance."""

    mean: Duration
    """The mean of all draws, whatever their shape."""
    shape: Shape = Shape.FIXED
    """'fixed', 'uniform', 'exponential' or 'lognormal'."""
    width: Share = 0.5
    """How far uniform draws lie from the mean at most, as a share of it."""
    sigma: Annotated[float, Field(ge=0.0, le=5.0)] = 1.0
    """How far lognormal draws scatter: the standard deviation of their logarithm."""

    def draw(self, random: Random) -> float:
        """Seconds, never negative; every shape takes exactly one number from `random`, or one pair."""
        mean, shape = self.mean.total_seconds(), self.shape
        if shape is Shape.EXPONENTIAL:
            return -mean * math.log(1.0 - random.random())
        if shape is Shape.UNIFORM:
            return mean * (1.0 + self.width * (2.0 * random.random() - 1.0))
        if shape is Shape.LOGNORMAL:
            return mean * math.exp(self.sigma * random.gauss() - self.sigma**2 / 2.0)
        return mean
