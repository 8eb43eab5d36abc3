"""A daemon fills its queues and then has nothing to do: W1 of the baselines, 25 pilots for every queue.

Each queue has 40 jobs that wait, a cycle of a minute, and pilots that never start: it has to submit 20,
then 5, then nothing.  `APF_BENCH_FILL="100x0 1000x50000"` picks some of the combinations of queues and
other jobs in the schedd.  Raw is what the calls of the bindings take in the factory's own child, by a meter.
"""

import os
import struct
import threading
from collections.abc import Callable
from pathlib import Path

from baselines import FILL, IDLE, MEMORY, beside
from cycle import clean, fill
from factories import Daemon, Setting, running, with_child
from figures import Figure, at_most, exactly
from htcondor import Raw, world
from processes import cpu, memory

CELLS = "100x0 300x0 1000x0 100x10000 300x10000 1000x10000 100x50000 300x50000 1000x50000 1000x100000"
SHARES = (20, 5)  # what each queue submits, cycle by cycle
PATIENCE = 1800.0


def run() -> list[Figure]:
    """All combinations; a schedd of its own for each number of other jobs."""
    cells = [tuple(map(int, cell.split("x"))) for cell in os.environ.get("APF_BENCH_FILL", CELLS).split()]
    figures: list[Figure] = []
    for jobs in sorted({jobs for _, jobs in cells}):
        with world() as (config, raw, folder):
            fill(raw, jobs)
            for queues in [queues for queues, beside in cells if beside == jobs]:
                setting = Setting(folder=folder / f"q{queues}", config=config, queues=queues)
                figures += measure(setting, raw, jobs)
    return figures


def measure(setting: Setting, raw: Raw, jobs: int) -> list[Figure]:
    """One combination: pilots, processor time, memory."""
    cell = f"Q={setting.queues} J={jobs}"
    meter = setting.folder.with_suffix(".meter")
    meter.write_bytes(struct.pack("d", 0.0))
    with running(setting, with_child("metered", "APF_BENCH_METER", meter)) as daemon:
        wait(lambda: daemon.is_ready)
        started, none = cpu(daemon.pid), read(meter)
        wait(lambda: submissions(daemon) >= len(SHARES) * setting.queues)
        filled, bare = cpu(daemon.pid), read(meter) - none
        threading.Event().wait(setting.interval)  # in which every queue has one turn
        over, used = cpu(daemon.pid), memory(daemon.pid)
    pilots = count(raw, setting)
    clean(raw, setting.factory)
    how = f"W1, {cell}; daemon with children"
    parts = f"{filled - started:.1f} s, raw {bare:.1f} s, start before it {started:.1f} s"
    return [
        exactly(f"pilots {cell}", pilots, "pilots", sum(SHARES) * setting.queues, how),
        at_most(
            f"fill {cell}",
            filled - started - bare,
            "CPU s beyond raw",
            3,
            f"{how}: {parts}; {beside(FILL, cell)}",
        ),
        at_most(f"idle cycle {cell}", over - filled, "CPU s", 0.5, f"{how}; {beside(IDLE, cell)}"),
        at_most(f"memory {cell}", used, "MB", 200, f"{how}, PSS; {beside(MEMORY, cell)}"),
    ]


def read(meter: Path) -> float:
    """Processor seconds of the bindings in the daemon's child so far."""
    return float(struct.unpack("d", meter.read_bytes())[0])


def count(raw: Raw, setting: Setting) -> int:
    """Pilots in the schedd."""
    _, found = raw.ask("count", constraint=f'APF_FACTORY == "{setting.factory}"')
    return found


def submissions(daemon: Daemon) -> int:
    """Submissions that are told in its log."""
    return daemon.told().count(": submitted ")


def wait(question: Callable[[], bool]) -> None:
    """Look once a second until it is so.  Raises `TimeoutError` when that takes too long."""
    pause = threading.Event()
    for _ in range(int(PATIENCE)):
        if question():
            return
        pause.wait(1)
    raise TimeoutError
