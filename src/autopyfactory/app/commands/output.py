"""What commands print: tables and sentences for people, JSON for programs."""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.table import Table

WIDE = 10_000  # columns where nobody looks at a terminal: nothing is cut
MANY = 500  # rows of a table from which on it is plain on a terminal, too


def console() -> Console:
    """Standard output: in colour on a terminal, plain and uncut elsewhere."""
    if sys.stdout.isatty():
        return Console()
    return Console(width=WIDE, no_color=True, force_terminal=False, legacy_windows=False)


def say(text: str, style: str = "") -> None:
    """A line as it is."""
    console().print(text, style=style or None, markup=False, highlight=False, soft_wrap=True)


def emit(data: Any) -> None:
    """One JSON value."""
    json.dump(data, sys.stdout, indent=2, default=str)
    sys.stdout.write("\n")


def emit_rows(rows: Iterable[Any]) -> None:
    """A JSON list, a line for each item: for very many of them."""
    mark = "["
    for row in rows:
        sys.stdout.write(f"{mark}\n{json.dumps(row, default=str)}")
        mark = ","
    sys.stdout.write("[]\n" if mark == "[" else "\n]\n")


def table(titles: Sequence[str], rows: Iterable[Sequence[str]], numbers: Sequence[str] = ()) -> None:
    """Rows under titles; those in `numbers` stand over columns of numbers, the last one over sentences."""
    cells = list(rows)
    right = [title in numbers for title in titles]
    screen = console()
    if not screen.is_terminal or len(cells) > MANY:
        sys.stdout.writelines(plain([titles, *cells], right))
        return
    drawn = Table(box=None, pad_edge=False)
    for title, is_number in zip(titles, right, strict=True):
        last = title == titles[-1]
        drawn.add_column(title, justify="right" if is_number else "left", overflow="fold", no_wrap=not last)
    for row in cells:
        drawn.add_row(*(escape(cell) for cell in row))
    screen.print(drawn)


def plain(rows: Sequence[Sequence[str]], right: Sequence[bool]) -> Iterator[str]:
    """Rows as lines, in columns and uncut; a cell with several lines becomes one."""
    flat = [[" ".join(cell.splitlines()) for cell in row] for row in rows]
    widths = [max(map(cell_len, column)) for column in zip(*flat, strict=True)]
    for row in flat:
        pads = [" " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True)]
        parts = [
            pad + cell if is_right else cell + pad
            for cell, pad, is_right in zip(row, pads, right, strict=True)
        ]
        yield f"{' '.join(parts).rstrip()}\n"


def trouble(text: str) -> None:
    """A line on standard error."""
    sys.stderr.write(f"{text}\n")
