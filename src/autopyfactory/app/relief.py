"""Relief: which single limit of a chain, if it were raised, would let more pilots through, and how many.

Found by trying: chain and cut are pure, so they are run again with one option changed.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autopyfactory.app.assembly.chain import OWN, make_chain
from autopyfactory.cut import remainder
from autopyfactory.decide import conclude
from autopyfactory.errors import ConfigError, Unavailable
from autopyfactory.model import Observation, Report
from autopyfactory.ports import Policy
from autopyfactory.view import GuardView

FINE = 100  # parts of 1 in which a number with a fraction is raised
MOST = 10**9  # beyond any limit
ENDLESS = 500_000  # what still brings more up to here is no limit, but drives the number

Rerun = Callable[[Sequence[Policy]], int]
Attempt = Callable[[float], int | None]  # the count with this value; None where the option may not have it


@dataclass(frozen=True, slots=True, kw_only=True)
class Relief:
    """One option and two values of it: the first that changes the count, and the one that changes it most."""

    rule: str  # whose option: 'max_pending', or the name of that policy; 'target.ce01.guard'
    option: str
    value: float
    least: float
    count: int  # with `least`
    full: float
    most: int  # with `full`, or with anything above it

    def __str__(self) -> str:
        first = f"{self.rule}.{self.option} from {self.value:g} to {self.least:g}: it would be {self.count}"
        return first if self.full == self.least else f"{first}; to {self.full:g} or more: {self.most}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Untried:
    """One option of which nobody can tell: with another value of it a policy fails."""

    rule: str
    option: str
    why: str

    def __str__(self) -> str:
        return f"{self.rule}.{self.option} cannot be tried: {self.why}"


def rerun(report: Report, when_unknown: int | None) -> Rerun:
    """What another chain would have made of what this cycle saw, before the guard.

    `ConfigError` where a policy fails.
    """
    seen = report.seen
    assert seen is not None
    unknown = report.error if isinstance(report.error, Unavailable) and not seen.demand.as_of else None
    return lambda chain: count_of(chain, seen, unknown, when_unknown)


def count_of(
    chain: Sequence[Policy], seen: Observation, unknown: Unavailable | None, when_unknown: int | None
) -> int:
    """What a chain makes of what was seen; `ConfigError` where a policy fails."""
    try:
        return conclude(chain, seen, unknown, when_unknown).count
    except Exception as error:  # a stranger's policy
        raise ConfigError(f"a policy fails: {error!r}") from error


def behind(view: GuardView, count_with: Rerun) -> Rerun:
    """What a guard that sees this leaves of it."""
    return lambda chain: remainder(count_with(chain), view)


def reliefs(entries: Sequence[Mapping[str, Any]], count_with: Rerun) -> Iterator[Relief | Untried]:
    """Every option of the chain that would let more through by itself, if raised.

    `ConfigError` where a policy fails as the chain is; where it does with other values, these are untried.
    """
    chain, _ = make_chain(entries, {})
    before = count_with(chain)
    for place, entry in enumerate(entries):
        for option, value in entry.items():
            if option in OWN or not isinstance(value, int | float) or isinstance(value, bool):
                continue
            limit = Limit(str(entry.get("name") or entry["kind"]), option, value)
            try:
                found = limit.raised(Try(entries, place, option, count_with), before)
            except ConfigError as error:
                yield Untried(rule=limit.rule, option=option, why=str(error))
                continue
            if found is not None and found.full < ENDLESS:
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


@dataclass(frozen=True, slots=True)
class Limit:
    """An option that may be raised, unless it is unlimited."""

    rule: str
    option: str
    value: float | None

    def raised(self, attempt: Attempt, before: int, sign: int = 1) -> Relief | None:
        """How far it must be raised, and what it brings at most; None where it brings nothing.

        What it brings is a greater count, or with a `sign` of -1 a smaller one.
        """
        if self.value is None:
            return None
        scale = 1 if isinstance(self.value, int) else FINE
        of_step: Attempt = lambda step: attempt(step / scale if scale > 1 else step)  # noqa: E731
        gain: Callable[[int], int] = lambda step: sign * ((of_step(step) or 0) - before)  # noqa: E731
        start = int(self.value * scale)
        top = highest(lambda step: of_step(step) is not None, start)
        most = gain(top)
        if most <= 0:
            return None
        least = lowest(lambda step: gain(step) > 0, start, top)
        full = lowest(lambda step: gain(step) >= most, start, top)
        return Relief(
            rule=self.rule,
            option=self.option,
            value=self.value,
            least=least / scale,
            count=before + sign * gain(least),
            full=full / scale,
            most=before + sign * most,
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
