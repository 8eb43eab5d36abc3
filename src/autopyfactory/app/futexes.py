"""Futexes: the kernel's table of the threads of this process that wait, of which each queue has one.

Newer kernels may give every process a table of its own (`PR_FUTEX_HASH`, linux/prctl.h), which on a
machine of few processors has 16 places.  A thousand queues then stand sixty in a place, and whoever wakes
another passes by them all.
"""

import ctypes

PR_FUTEX_HASH, SET_SLOTS = 78, 1
PLACES = 4096  # a power of two; 64 bytes each


def widen() -> bool:
    """Give all who will wait a place of their own; false where the kernel has no such table."""
    return bool(ctypes.CDLL(None).prctl(PR_FUTEX_HASH, SET_SLOTS, PLACES, 0, 0) == 0)
