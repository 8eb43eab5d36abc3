"""Garbage: when the collector of cycles is left out, and what it need not look at."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

YOUNG = 10_000  # objects that may be made before the collector looks at them; Python's own number is 700


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
    more than what all its queues do.  It looks less often, too: what a cycle makes refers to nothing that
    refers back.
    """
    gc.set_threshold(YOUNG)
    gc.unfreeze()
    gc.collect()
    gc.freeze()
