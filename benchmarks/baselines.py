"""What others needed for the same work: stored figures, measured once on a machine with two cores.

`original` is the last released AutoPyFactory (2.4.9), `head` its unreleased master (2.4.16), `harvester`
PanDA Harvester 0.7.5 with 10 pilots for each queue.  They are shown beside ours and decide nothing.
"""

from collections.abc import Mapping

FILL = {  # CPU seconds of the two cycles that submit, start included
    "Q=100 J=0": "original 21, head 2.5",
    "Q=300 J=0": "original above 52, head 6.6",
    "Q=1000 J=0": "original about 290 for the first cycle, head 24, harvester 52",
    "Q=100 J=10000": "original 70, head 3.9",
    "Q=1000 J=10000": "head 25",
    "Q=100 J=50000": "original above 122, head 12",
    "Q=1000 J=50000": "head 30",
}
IDLE = {  # CPU seconds of a cycle with nothing to do
    "Q=100 J=0": "head 0.75",
    "Q=300 J=0": "head 2.0",
    "Q=1000 J=0": "head 5.9, harvester 25",
}
MEMORY = {  # MB, peak RSS
    "Q=100 J=0": "original 192, head 114",
    "Q=300 J=0": "original 314, head 170",
    "Q=1000 J=0": "original above 374, head 361, harvester 210",
    "Q=100 J=10000": "original 567, head 160",
    "Q=1000 J=10000": "head 356",
    "Q=100 J=50000": "original 1987, head 452",
    "Q=1000 J=50000": "head 649",
}
HANGING = "original 20 of 20 queues at 45, head right or dead for ever"  # W3
FAILING = "original 60 to 100, head 0 or 60 and dead for ever"  # W4: an error
EMPTY = "original 60 to 80, head 180"  # W4: an empty answer
KILLED = "original and head right"  # W5


def beside(figures: Mapping[str, str], cell: str) -> str:
    """The figures of the others, in words."""
    return f"baseline: {figures.get(cell, 'not measured')}"
