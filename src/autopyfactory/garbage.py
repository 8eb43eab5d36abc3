"""Garbage: when the collector of cycles is left out, and what it need not look at."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Without the collector of cycles: millions of facts come and go, and none refers back to another."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


def settle() -> None:
    """Collect once, and let the collector pass over all that is left, until the next time.

    The plan of a thousand queues stays as it is for days, and looking through it again and again costs
    more than what all its queues do.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
