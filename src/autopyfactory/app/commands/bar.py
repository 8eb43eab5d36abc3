"""A bar on standard error that shows how far a long command has come, where somebody looks at it."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress


@contextmanager
def bar(doing: str, total: float, *, quiet: bool) -> Iterator[Callable[[float], None]]:
    """What is called with how much of `total` is done."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    with Progress(console=Console(stderr=True), transient=True) as drawn:
        task = drawn.add_task(doing, total=total)
        yield lambda done: drawn.update(task, completed=done)
