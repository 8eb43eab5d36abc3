"""Relief: which single limit of a chain, if it were raised, would let more pilots through, and how many.

Found by trying: the chain is pure, so it is run again with one option changed.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autopyfactory.app.assembly.chain import OWN, make_chain
from autopyfactory.decide import decide, decide_unknown
from autopyfactory.errors import Unavailable
from autopyfactory.model import Report
from autopyfactory.ports import Policy

FINE = 100  # parts of 1 in which a number with a fraction is raised
MOST = 10**9  # beyond any limit
ENDLESS = 10**7  # what still brings more up to here is no limit, but drives the number

Rerun = Callable[[Sequence[Policy]], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Relief:
    """One option and two values of it: the first that changes the count, and the one that changes it most."""

    rule: str  # 'max_pending', or the name of that policy
    option: str
    value: float
    least: float
    count: int  # with `least`
    full: float
    most: int  # with `full`, or with anything above it

    def __str__(self) -> str:
        first = f"{self.rule}.{self.option} from {self.value:g} to {self.least:g}: it would be {self.count}"
        return first if self.full == self.least else f"{first}; to {self.full:g} or more: {self.most}"


def rerun(report: Report, when_unknown: int | None) -> Rerun:
    """What another chain would have made of what this cycle saw, before the guard."""
    seen = report.seen
    assert seen is not None
    if isinstance(report.error, Unavailable) and not seen.demand.as_of:
        unknown = report.error
        return lambda chain: decide_unknown(chain, seen, unknown, when_unknown or 0).count
    return lambda chain: decide(chain, seen).count


def reliefs(entries: Sequence[Mapping[str, Any]], count_with: Rerun) -> Iterator[Relief]:
    """Every option of the chain that would let more through by itself, if raised."""
    chain, _ = make_chain(entries, {})
    before = count_with(chain)
    for place, entry in enumerate(entries):
        for option, value in entry.items():
            if option in OWN or not isinstance(value, int | float) or isinstance(value, bool):
                continue
            found = raise_one(Try(entries, place, option, count_with), value, before)
            if found is not None:
                yield found


@dataclass(frozen=True, slots=True)
class Try:
    """A chain in which one option is changed."""

    entries: Sequence[Mapping[str, Any]]
    place: int
    option: str
    count_with: Rerun

    def __call__(self, value: float) -> int | None:
        """The count with this value; None where the option may not have it."""
        changed = {**self.entries[self.place], self.option: value}
        entries = [*self.entries[: self.place], changed, *self.entries[self.place + 1 :]]
        chain, complaints = make_chain(entries, {})
        return None if complaints else self.count_with(chain)


def raise_one(attempt: Try, value: float, before: int) -> Relief | None:
    """How far an option must be raised, and what it brings at most; None where it brings nothing."""
    scale = 1 if isinstance(value, int) else FINE
    start = int(value * scale)
    top = highest(lambda step: attempt(step / scale if scale > 1 else step) is not None, start)
    count: Callable[[int], int] = lambda step: attempt(step / scale if scale > 1 else step) or 0  # noqa: E731
    most = count(top)
    if most <= before:
        return None
    least = lowest(lambda step: count(step) > before, start, top)
    full = lowest(lambda step: count(step) >= most, start, top)
    if full >= ENDLESS:
        return None
    entry = attempt.entries[attempt.place]
    return Relief(
        rule=str(entry.get("name") or entry["kind"]),
        option=attempt.option,
        value=value,
        least=least / scale,
        count=count(least),
        full=full / scale,
        most=most,
    )


def highest(is_allowed: Callable[[int], bool], start: int) -> int:
    """The highest step above `start` that is allowed, up to `MOST`."""
    if is_allowed(MOST):
        return MOST
    return lowest(lambda step: not is_allowed(step), start, MOST) - 1


def lowest(holds: Callable[[int], bool], start: int, top: int) -> int:
    """The lowest step above `start` at which something holds, which holds at `top` and from then on."""
    low, high = start, top
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high
