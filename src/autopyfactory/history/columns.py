"""Columns: the rows of many reports as columns of plain JSON, which compress well and are read at once.

A row is what a coder makes of one value (`coders.py`); its shape says which parts it has.  Shapes are
stored beside the rows, so that rows of an older program are packed without its code.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

PLAIN = "plain"  # the shape of a value that JSON holds as it is
Shape = Any  # PLAIN, {"facts": [[name, shape], ...]}, {"maybe": shape} or {"series": shape}
TEXTS = ({str}, {str, type(None)})
CODES: Mapping[type, str] = {float: "d", int: "i"}  # as `struct` calls them
NOTHING: tuple[int, tuple[()]] = (0, ())  # of a series: nothing dropped, nothing more
MOST = 2**31  # numbers as large as this are written as text


@dataclass(frozen=True, slots=True)
class Numbers:
    """Values of one kind that are written as bytes."""

    code: str
    values: Sequence[Any]


def pack(shape: Shape, rows: Sequence[Any]) -> Any:
    """Rows of one shape as a column."""
    if shape == PLAIN:
        return pack_plain(rows)
    ((kind, inner),) = shape.items()
    return PACKERS[kind](inner, rows)


def pack_plain(rows: Sequence[Any]) -> Any:
    """Values; a constant once, and each of several texts once."""
    if rows and rows.count(rows[0]) == len(rows):
        return [rows[0]]
    if set(map(type, rows)) in TEXTS:
        words = {word: place for place, word in enumerate(dict.fromkeys(rows))}
        return {"words": list(words), "at": pack_numbers([words[row] for row in rows])}
    return pack_numbers(rows)


def pack_numbers(rows: Sequence[Any]) -> Any:
    """Numbers of one kind and of a usual size as such; anything else as it is."""
    code = CODES.get(type(rows[0])) if len(set(map(type, rows))) == 1 else None
    if code is None or (code == "i" and not -MOST <= min(rows) <= max(rows) < MOST):
        return list(rows)
    return Numbers(code, rows)


def unpack_plain(column: Any, count: int) -> list[Any]:
    """The values of a plain column."""
    if isinstance(column, Mapping):
        return list(map(column["words"].__getitem__, unpack_plain(column["at"], count)))
    if isinstance(column, Numbers):
        return list(column.values)
    values: list[Any] = column
    return values * count if len(values) == 1 else values


def pack_facts(fields: Sequence[tuple[str, Shape]], rows: Sequence[Any]) -> Any:
    """A column for each field, by its name."""
    columns = list(zip(*rows, strict=True)) or [()] * len(fields)
    return {name: pack(shape, column) for (name, shape), column in zip(fields, columns, strict=True)}


def pack_maybe(shape: Shape, rows: Sequence[Any]) -> Any:
    """Where something is, and the column of what is there."""
    there = [row is not None for row in rows]
    return {"there": pack_plain(there), "what": pack(shape, [row for row in rows if row is not None])}


def pack_series(shape: Shape, rows: Sequence[Any]) -> Any:
    """How many items of the series before are dropped at its front (-1: all), and those that follow.

    Series of one length that never go on from the one before are lanes: the first items of all, the
    second ones, and so on.  What is the same in a lane, as the limits of one place, stands once.
    """
    moved = [row or NOTHING for row in rows]
    drops, sizes = [drop for drop, _ in moved], [len(items) for _, items in moved]
    items = [item for _, items in moved for item in items]
    column = {"drop": pack_plain(drops), "more": pack_plain(sizes)}
    moves = set(zip(drops, sizes, strict=True)) - {(0, 0)}
    drop, size = moves.pop() if len(moves) == 1 else (0, 0)
    if drop < 0 < size:
        return {**column, "lanes": [pack(shape, items[lane::size]) for lane in range(size)]}
    return {**column, "what": pack(shape, items)}


PACKERS = {"facts": pack_facts, "maybe": pack_maybe, "series": pack_series}
