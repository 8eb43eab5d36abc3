"""Coders: from a value of a report to a row of JSON, and from a column of rows to values.

Rows are made one by one, as reports come; values are read by the block, with no Python code for each
of them.  A coder knows the Python type; what a column holds tells the column itself.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Protocol

from autopyfactory.history.columns import PLAIN, Shape, unpack_plain

SAME = 0  # the row of a series that is as it was
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

    def rows(self, values: Sequence[Any]) -> Sequence[Any]:
        """Values of which nothing is known of the row before."""
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

    def rows(self, values: Sequence[Any]) -> Sequence[Any]:
        """The values themselves."""
        return values

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

    def rows(self, values: Sequence[Any]) -> Sequence[Any]:
        """The rows of what they are written as."""
        return self.inner.rows(list(map(self.write, values)))

    def unpack(self, column: Any, count: int) -> list[Any]:
        """Values read one by one; what is the same in all rows, or a text, is read once."""
        if isinstance(column, Mapping) and "words" in column:
            return unpack_plain({**column, "words": list(map(self.read, column["words"]))}, count)
        if isinstance(column, Sequence) and len(column) == 1:
            return [self.read(column[0])] * count
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

    def rows(self, values: Sequence[Any]) -> Sequence[Any]:
        """Rows, or None."""
        return [self.row(value, None) for value in values]

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
            return [-1, list(self.inner.rows(value))]
        before = past.get(id(self), ())
        if value == before:
            return SAME
        past[id(self)] = value
        drop = overlap(before, value)
        new = value if drop < 0 else value[len(before) - drop :]
        return [drop, list(self.inner.rows(new))]

    def rows(self, values: Sequence[Any]) -> Sequence[Any]:
        """Rows that are whole."""
        return [self.row(value, None) for value in values]

    def unpack(self, column: Any, count: int) -> list[Any]:
        """The tuples; equal neighbours are one object."""
        drops, sizes = unpack_plain(column["drop"], count), unpack_plain(column["more"], count)
        if "lanes" in column:
            return self._unpack_lanes(column["lanes"], sizes)
        items = tuple(self.inner.unpack(column["what"], sum(sizes)))
        found, window, begin, end = [], (), 0, 0
        for drop, size in zip(drops, sizes, strict=True):
            if drop or size:
                begin, end = end if drop < 0 else begin + drop, end + size
                window = items[begin:end]
            found.append(window)
        return found

    def _unpack_lanes(self, lanes: Sequence[Any], sizes: Sequence[int]) -> list[Any]:
        """Tuples of one length, and where there is none, the one before it."""
        new = sum(map(bool, sizes))
        tuples = list(zip(*(self.inner.unpack(lane, new) for lane in lanes), strict=True))
        if new == len(sizes):
            return tuples
        return list(map([(), *tuples].__getitem__, accumulate(map(bool, sizes))))


def overlap(before: Sequence[Any], after: Sequence[Any]) -> int:
    """How many items of `before` are dropped at its front so that `after` goes on from the rest; -1: all."""
    if not before or not after or after[0] not in before:
        return -1
    drop = before.index(after[0])
    kept = before[drop:]
    return drop if after[: len(kept)] == kept else -1
