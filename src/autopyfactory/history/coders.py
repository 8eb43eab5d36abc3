"""Coders: from a value of a report to a row of JSON, and from a column of rows to values.

Rows are made one by one, as reports come; values are read by the block, with no Python code for each
of them.  A coder knows the Python type; what a column holds tells the column itself.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from operator import attrgetter
from typing import Any, Protocol

from autopyfactory.history.columns import PLAIN, Shape, unpack_plain

MISSING = object()  # the default of a field that must be there
SAME = [0, []]  # the row of a series that is as it was
Past = dict[int, tuple[Any, ...]]  # by series: what the row before held


class Coder(Protocol):
    """One type of values."""

    @property
    def shape(self) -> Shape:
        """The shape of its rows, see `columns.py`."""
        ...

    def row(self, value: Any, past: Past | None) -> Any:
        """One value as JSON can hold it; `past` is what is known of the row before, None: nothing ever is."""
        ...

    def unpack(self, column: Any, count: int) -> list[Any]:
        """The values of a packed column of so many rows."""
        ...


@dataclass(frozen=True, slots=True)
class Plain:
    """What JSON holds as it is."""

    shape: Shape = PLAIN

    def row(self, value: Any, past: Past | None) -> Any:  # noqa: ARG002  # a constant has no past
        """The value itself."""
        return value

    def unpack(self, column: Any, count: int) -> list[Any]:
        """The values as they were written."""
        return unpack_plain(column, count)


@dataclass(frozen=True, slots=True)
class Translated:
    """A type that is written as another one: `write` makes that of a value, `read` the value of it."""

    inner: Coder
    write: Callable[[Any], Any]
    read: Callable[[Any], Any]

    @property
    def shape(self) -> Shape:
        """That of the other type."""
        return self.inner.shape

    def row(self, value: Any, past: Past | None) -> Any:
        """The row of what it is written as."""
        return self.inner.row(self.write(value), past)

    def unpack(self, column: Any, count: int) -> list[Any]:
        """Values read one by one."""
        return list(map(self.read, self.inner.unpack(column, count)))


@dataclass(frozen=True, slots=True)
class Maybe:
    """A value or None."""

    inner: Coder

    @property
    def shape(self) -> Shape:
        """Only what is there is written."""
        return {"maybe": self.inner.shape}

    def row(self, value: Any, past: Past | None) -> Any:
        """The row of the value, or None."""
        return None if value is None else self.inner.row(value, past)

    def unpack(self, column: Any, count: int) -> list[Any]:
        """Values, with None where there was none."""
        return list(self._spread(column, count, self.inner.unpack))

    def values(self, name: str, column: Any, count: int) -> Sequence[Any]:
        """The values of a field of what is there, None where there was none."""
        inner: Any = self.inner
        return self._spread(column, count, lambda what, present: inner.values(name, what, present))

    def _spread(self, column: Any, count: int, unpack: Callable[[Any, int], Sequence[Any]]) -> Sequence[Any]:
        there = unpack_plain(column["there"], count)
        present = sum(there)
        values = unpack(column["what"], present)
        if present == count:
            return values
        rest = iter(values)
        return [next(rest) if is_there else None for is_there in there]


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """A tuple, written as what differs from the one before it: most are windows that move."""

    inner: Coder

    @property
    def shape(self) -> Shape:
        """Of each row the items that are new."""
        return {"series": self.inner.shape}

    def row(self, value: tuple[Any, ...], past: Past | None) -> Any:
        """How many are dropped at the front, -1 for all, and what follows."""
        if past is None:
            return [-1, [self.inner.row(item, None) for item in value]]
        before = past.get(id(self), ())
        if value == before:
            return SAME
        past[id(self)] = value
        drop = overlap(before, value)
        new = value if drop < 0 else value[len(before) - drop :]
        return [drop, [self.inner.row(item, None) for item in new]]

    def unpack(self, column: Any, count: int) -> list[Any]:
        """The tuples; equal neighbours are one object."""
        drops, numbers = unpack_plain(column["drop"], count), unpack_plain(column["more"], count)
        items = self.inner.unpack(column["what"], sum(numbers))
        found, last, at = [], (), 0
        for drop, number in zip(drops, numbers, strict=True):
            if drop or number:
                last = (*(() if drop < 0 else last[drop:]), *items[at : at + number])
                at += number
            found.append(last)
        return found


def overlap(before: Sequence[Any], after: Sequence[Any]) -> int:
    """How many items of `before` are dropped at its front so that `after` goes on from the rest; -1: all."""
    if not before or not after or after[0] not in before:
        return -1
    drop = before.index(after[0])
    kept = before[drop:]
    return drop if after[: len(kept)] == kept else -1


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a fact."""

    name: str
    coder: Coder
    default: Callable[[], Any] = lambda: MISSING


class Facts:
    """A frozen dataclass with slots, or a named tuple; fields that a column lacks get their default."""

    def __init__(self, kind: Any, fields: Sequence[Field]) -> None:
        self.fields = {field.name: field for field in fields}
        self._kind = kind
        self._read = (
            attrgetter(*self.fields) if len(fields) > 1 else lambda value: (getattr(value, fields[0].name),)
        )
        self._special = [
            (place, field.coder) for place, field in enumerate(fields) if not isinstance(field.coder, Plain)
        ]

    @property
    def shape(self) -> Shape:
        """All fields, in their order."""
        return {"facts": [[name, field.coder.shape] for name, field in self.fields.items()]}

    def row(self, value: Any, past: Past | None) -> Any:
        """The rows of all fields."""
        row = self.parts(value)
        for place, coder in self._special:
            row[place] = coder.row(row[place], past)
        return row

    def parts(self, value: Any) -> list[Any]:
        """The values of all fields."""
        return list(self._read(value))

    def unpack(self, column: Any, count: int) -> list[Any]:
        """The facts."""
        return self.build({name: self.values(name, column, count) for name in self.fields}, count)

    def values(self, name: str, column: Mapping[str, Any], count: int) -> Sequence[Any]:
        """The values of one field, 'decision', or of a field within it, 'decision.count'."""
        name, _, inner = name.partition(".")
        field = self.fields[name]
        if name in column:
            values: Any = getattr(field.coder, "values", None)
            return values(inner, column[name], count) if inner else field.coder.unpack(column[name], count)
        default = field.default()
        if default is MISSING and count:
            raise KeyError(f"{self._kind.__name__}.{name}")
        return [default] * count

    def build(self, columns: Mapping[str, Sequence[Any]], count: int) -> list[Any]:
        """Facts of the values of their fields."""
        if issubclass(self._kind, tuple):
            return list(map(self._kind._make, zip(*columns.values(), strict=True)))
        made = list(map(object.__new__, repeat(self._kind, count)))
        for name, values in columns.items():  # the slots are filled from C: facts are frozen for Python code
            deque(map(getattr(self._kind, name).__set__, made, values), maxlen=0)
        return made
