"""A figure: one measured value and the limit that it has to keep."""

from typing import TypedDict


class Figure(TypedDict):
    """As it stands in build/bench.json."""

    name: str
    value: float
    unit: str
    limit: str
    ok: bool
    how: str


def at_least(name: str, value: float, unit: str, limit: float, how: str) -> Figure:
    """A value that must not be smaller than its limit."""
    return Figure(
        name=name, value=round(value, 4), unit=unit, limit=f">= {limit:g}", ok=value >= limit, how=how
    )


def at_most(name: str, value: float, unit: str, limit: float, how: str) -> Figure:
    """A value that must not be larger than its limit."""
    return Figure(
        name=name, value=round(value, 4), unit=unit, limit=f"<= {limit:g}", ok=value <= limit, how=how
    )


def exactly(name: str, value: int, unit: str, right: int, how: str) -> Figure:
    """A count that has to be right."""
    return Figure(name=name, value=value, unit=unit, limit=f"= {right}", ok=value == right, how=how)


def note(name: str, value: float, unit: str, how: str) -> Figure:
    """A value without a limit, for comparison."""
    return Figure(name=name, value=round(value, 4), unit=unit, limit="", ok=True, how=how)
