"""Columns: the rows of many reports as columns of plain JSON, which compress well and are read at once.

A row is what a coder makes of one value (`coders.py`); its shape says which parts it has.  Shapes are
stored beside the rows, so that rows of an older program are packed without its code.
"""

from collections.abc import Mapping, Sequence
from typing import Any

PLAIN = "plain"  # the shape of a value that JSON holds as it is
Shape = Any  # PLAIN, {"facts": [[name, shape], ...]}, {"maybe": shape} or {"series": shape}
TEXTS = ({str}, {str, type(None)})


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
        return {"words": list(words), "at": [words[row] for row in rows]}
    return list(rows)


def unpack_plain(column: Any, count: int) -> list[Any]:
    """The values of a plain column."""
    if isinstance(column, Mapping):
        return list(map(column["words"].__getitem__, column["at"]))
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
    """How many items of the series before are dropped at its front (-1: all), and those that follow."""
    return {
        "drop": pack_plain([drop for drop, _ in rows]),
        "more": pack_plain([len(items) for _, items in rows]),
        "what": pack(shape, [item for _, items in rows for item in items]),
    }


PACKERS = {"facts": pack_facts, "maybe": pack_maybe, "series": pack_series}
