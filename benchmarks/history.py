"""What the history costs: processor time to write and to read a report, and the size of a year.

Reports are those of the real core in a busy pool, with what the guard saw and a shadow chain: work, starts
and ends in every cycle, clocks to the nanosecond.
"""

import functools
import gc
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from figures import Figure, at_most

from autopyfactory.history.database import connect
from autopyfactory.history.reader import History
from autopyfactory.history.retention import Keep
from autopyfactory.history.retention import size as used
from autopyfactory.history.writer import REPORTS, Writer
from autopyfactory.model import Report

sys.path.append(str(Path(__file__).parent.parent / "tests"))
from reported import Site  # the same reports that the tests are about

QUEUES = 20
PARTS = 5  # a block of every queue in each; the best counts, for a busy machine only adds to it
CYCLES = PARTS * REPORTS + 1  # so that all but one report of each queue are in blocks
YEAR = 365 * 24 * 10 * 100  # reports of 100 queues with a cycle every six minutes


def write(file: Path) -> float:
    """Seconds of CPU time for one report, with its share of batches and blocks, in the best part."""
    writer = Writer(file, Keep(days=100_000, bytes=10**12))
    sites = [Site(f"SITE_{number}").reports(CYCLES) for number in range(QUEUES)]
    parts = []
    for _ in range(PARTS):
        reports = [next(site) for _ in range(REPORTS) for site in sites]
        parts.append(timed(functools.partial(add, writer, reports)) / len(reports))
    add(writer, [next(site) for site in sites])
    writer.close()
    return min(parts[1:])  # the first one makes no blocks


def add(writer: Writer, reports: list[Report]) -> None:
    """Write some reports."""
    for report in reports:
        writer.add(report)


def timed(run: Callable[[], object]) -> float:
    """Seconds of CPU time; what this program holds itself is none of the garbage collector's business."""
    gc.collect()
    gc.freeze()
    began = time.process_time()
    run()
    return time.process_time() - began


def read(history: History, look: Callable[[History, str], object]) -> float:
    """Seconds of CPU time for one report of all, the best of some readings."""
    times = [timed(lambda: [look(history, queue) for queue in history.queues()]) for _ in range(PARTS)]
    return min(times) / (QUEUES * CYCLES)


def in_blocks(file: Path) -> int:
    """Bytes of the file that are in use, nearly all by blocks."""
    with connect(file, make=False) as connection:
        return used(connection)


def premises(history: History, queue: str) -> None:
    """What a replay needs of a queue."""
    for block in history.blocks(queue):
        for name in ("wall", "seen", "guard", "decision"):
            block.values(name)


def run() -> list[Figure]:
    """One history, written and read."""
    how = f"{QUEUES} queues x {CYCLES} reports, CPU time for each, best of {PARTS}"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "history.sqlite"
        written = write(file)
        block = in_blocks(file) / (QUEUES * (CYCLES - 1))
        rest = file.stat().st_size / QUEUES - block * (CYCLES - 1)  # the tail, and room that it once took
        with History(file) as history:
            needed = read(history, premises)
            whole = read(history, lambda history, queue: [*history.reports(queue)])
    year = f"100 queues, a cycle every 6 minutes; {block:.0f} bytes a report and {rest / 1e3:.0f} kB a queue"
    return [
        at_most("history: write", written * 1e6, "us", 150, how),
        at_most("history: a year", (block * YEAR + rest * 100) / 1e9, "GB", 1.0, year),
        at_most("history: read what a replay needs", needed * 1e6, "us", 25, how),
        at_most("history: read reports", whole * 1e6, "us", 60, how),
    ]
