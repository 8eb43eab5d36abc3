"""Sparks: a row of numbers over time as one line of small bars."""

from collections.abc import Iterable, Sequence

BARS = "▁▂▃▄▅▆▇█"
Point = tuple[float, float]  # seconds since the epoch, number


def spark(points: Sequence[Point], first: float, last: float, width: int) -> str:
    """The largest number of each of `width` parts of the time; a blank where there is none."""
    best: dict[int, float] = {}
    for when, number in points:
        place = min(width - 1, int((when - first) / max(1e-9, last - first) * width))
        best[place] = max(number, best.get(place, number))
    top = max(best.values(), default=0.0)
    return "".join(bar(best[place], top) if place in best else " " for place in range(width))


def bar(number: float, top: float) -> str:
    """The bar of one number; of nothing the lowest."""
    return BARS[0] if top <= 0 or number <= 0 else BARS[min(len(BARS) - 1, int(number / top * len(BARS)))]


def extent(points: Iterable[Point]) -> str:
    """From the smallest to the largest number."""
    numbers = [number for _, number in points]
    return f"{min(numbers):g} to {max(numbers):g}" if numbers else "unknown"
