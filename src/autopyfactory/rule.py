"""The common ancestor of our policies: what operators read of a rule, and what it needs by default."""

import re
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any, ClassVar

from pydantic import ConfigDict

from autopyfactory.model import Need
from autopyfactory.options import write_duration, write_text

CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


def write_option(value: Any) -> str:
    """An option as an operator would type it, without the quotes: '1h', 'true', 'cores', '0.5'."""
    return write_duration(value) if isinstance(value, timedelta) else str(write_text(value))


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
