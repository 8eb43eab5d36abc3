"""A daemon fills its queues and then has nothing to do: W1 of the baselines, 25 pilots for every queue.

Each queue has 40 jobs that wait, a cycle of a minute, and pilots that never start: it has to submit 20,
then 5, then nothing.  `APF_BENCH_FILL="100x0 1000x50000"` picks some of the combinations of queues and
other jobs in the schedd.
"""

import os
import threading
from collections.abc import Callable

from baselines import FILL, IDLE, MEMORY, beside
from cycle import RAW, alone, clean, description, fill
from factories import Daemon, Setting, running
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
    with running(setting) as daemon:
        wait(lambda: daemon.is_ready)
        started = cpu(daemon.pid)
        wait(lambda: submissions(daemon) >= len(SHARES) * setting.queues)
        filled = cpu(daemon.pid)
        threading.Event().wait(setting.interval)  # in which every queue has one turn
        over, used = cpu(daemon.pid), memory(daemon.pid)
    pilots = count(raw, setting)
    clean(raw, setting.factory)
    bare = sum(raw_seconds(raw, setting, share) for share in SHARES)
    clean(raw, RAW)
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


def raw_seconds(raw: Raw, setting: Setting, share: int) -> float:
    """Processor seconds of the bindings for one cycle of the fill."""
    pilots = [description(setting.folder, name) for name in setting.names]
    before = cpu(raw.pid)
    alone(raw, pilots, share)
    return cpu(raw.pid) - before


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
