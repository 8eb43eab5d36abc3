"""What commands print: tables and sentences for people, JSON for programs."""

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

WIDE = 10_000  # columns where nobody looks at a terminal: nothing is cut


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


def table(titles: Sequence[str], rows: Iterable[Sequence[str]], numbers: Sequence[str] = ()) -> None:
    """Rows under titles; the titles in `numbers` stand over columns of numbers."""
    drawn = Table(box=None, pad_edge=False)
    for title in titles:
        drawn.add_column(title, justify="right" if title in numbers else "left", overflow="fold")
    for row in rows:
        drawn.add_row(*(escape(cell) for cell in row))
    screen = console()
    if screen.is_terminal:
        screen.print(drawn)
        return
    with screen.capture() as captured:
        screen.print(drawn)
    sys.stdout.writelines(f"{line.rstrip()}\n" for line in captured.get().splitlines())


def trouble(text: str) -> None:
    """A line on standard error."""
    sys.stderr.write(f"{text}\n")
