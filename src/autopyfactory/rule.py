"""The common ancestor of our policies: what operators read of a rule, and what it needs by default."""

import re
from dataclasses import dataclass, fields
from datetime import timedelta
from fractions import Fraction
from typing import Any, ClassVar

from pydantic import ConfigDict

from autopyfactory.model import Need
from autopyfactory.options import write_duration, write_text

EXACT = 2**53  # up to here floating point numbers tell whole numbers apart
CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")
MANY = 10_000  # rules whose words are remembered


class Words:
    """What rules are called in a trail; each is asked once, for many are written in every cycle."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[object, str]] = {}

    def __call__(self, rule: object) -> str:
        """A sentence as it is, anything else as its `repr`."""
        if isinstance(rule, str):
            return rule
        known = self._known.get(id(rule))
        if known is None:
            if len(self._known) >= MANY:
                self._known.clear()
            known = self._known[id(rule)] = rule, repr(rule)  # the rule itself, so that its id stays its own
        return known[1]


words = Words()


def write_option(value: Any) -> str:
    """An option as an operator would type it, without the quotes: '1h', 'true', 'cores', '0.5'."""
    return write_duration(value) if isinstance(value, timedelta) else str(write_text(value))


def part(count: int, share: float, whole: float = 1.0) -> float | Fraction:
    """count x share / whole, of any count: where floating point numbers have no room for it, exactly."""
    if -EXACT <= count <= EXACT:
        return count * share / whole
    return count * Fraction(share) / Fraction(whole)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Rule:
    """A policy whose options come from the configuration and whose `repr` reads well in a trail.

    A descendant is a dataclass with `repr=False` and a `__call__` as in `ports.Policy`.  Options are
    checked once, when pydantic makes it from a table; a call costs no more than its arithmetic.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")
    needs: ClassVar[frozenset[Need]] = frozenset()
    cap: ClassVar[bool] = False

    def __repr__(self) -> str:
        """Kind and options in the words of the configuration, defaults left out: `max_pending(limit=10)`."""
        kind = CAPITAL.sub("_", type(self).__name__).lower()
        options = ((option.name, getattr(self, option.name), option.default) for option in fields(self))
        shown = (f"{name}={write_option(value)}" for name, value, default in options if value != default)
        return f"{kind}({', '.join(shown)})"
