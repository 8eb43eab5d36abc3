"""Selection of records by their fields."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from autopyfactory.clients.cric.records import Record, look_up, text

NOT = "!"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The values of one field: one of some, and none of others.  Case does not matter, `*` is anything."""

    field: str
    patterns: tuple[str, ...]

    @property
    def allowed(self) -> list[str]:
        """The patterns without '!'."""
        return [pattern for pattern in self.patterns if not pattern.startswith(NOT)]

    def accepts(self, value: Any) -> bool:
        """Whether the value, or one of a list, is wanted; nothing is an empty word."""
        found = [text(one).lower() for one in (value if isinstance(value, list) and value else [value])]
        refused = [pattern[1:] for pattern in self.patterns if pattern.startswith(NOT)]
        return not matches(found, refused) and (not self.allowed or matches(found, self.allowed))


def matches(values: Iterable[str], patterns: Iterable[str]) -> bool:
    """Whether any of the values is like any of the patterns."""
    known = [pattern.lower() for pattern in patterns]
    return any(fnmatchcase(value, pattern) for value in values for pattern in known)


def select(record: Record, wanted: Mapping[str, Wanted], usual: Mapping[str, Wanted]) -> Iterator[str]:
    """Why a record is not taken, field by field; a field that is not there is as usual."""
    for field, values in {**usual, **wanted}.items():
        value = look_up(record, field)
        if (value is None and field not in wanted) or values.accepts(value):
            continue
        yield f"{field} is {describe(value)}, not {' or '.join(values.allowed) or 'wanted'}"


def describe(value: Any) -> str:
    """A value for people."""
    words = [text(one) for one in (value if isinstance(value, list) else [value])]
    return ", ".join(repr(word) for word in words if word) or "empty"
