"""HTCondor with 100,000 jobs in the schedd: our plug-ins against the bindings alone, in the same run.

The two take turns, so that whatever else the machine does meets both; the medians are compared.
"""

import atexit
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from figures import Figure, at_least, at_most

from autopyfactory.clients.condor.job import Marks, describe, stamp
from autopyfactory.clients.condor.options import Job
from autopyfactory.model import Order, Place
from autopyfactory.sources.htcondor import HTCondorSource, HTCondorSourceOptions, HTCondorWork
from autopyfactory.targets.htcondor import HTCondorTarget, HTCondorTargetOptions

HERE = Path(__file__).parent
JOBS, SITES, QUEUES, BATCH = 100_000, 500, 200, 10_000
RUNNING = 1000
PILOTS = 1000
TURNS = 9
FACTORY = "bench"
EXTRA = "MAX_JOBS_PER_OWNER = 1000000\nMAX_JOBS_SUBMITTED = 1000000\n"

Act = Callable[[], object]


class Raw:
    """The process with the bindings alone."""

    def __init__(self, config: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(HERE / "htcondor_raw.py")],
            env={**os.environ, "CONDOR_CONFIG": str(config)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __call__(self, call: str, **arguments: Any) -> float:
        """Seconds that it took inside that process."""
        seconds, _ = self.ask(call, **arguments)
        return seconds

    def ask(self, call: str, **arguments: Any) -> tuple[float, int]:
        """Those seconds, and the number that it answers."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps({"call": call, **arguments}), file=self._process.stdin, flush=True)
        seconds, number = json.loads(self._process.stdout.readline())
        return float(seconds), int(number)

    def end(self) -> None:
        """Let it end."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)


def run() -> list[Figure]:
    """Bring up a pool, fill it, measure."""
    with world() as (config, raw, folder):
        place = Place(section="bench", factory=FACTORY, logs=str(folder), state=str(folder))
        source = HTCondorSource(HTCondorSourceOptions(config=config, pilots=True), place)
        target = HTCondorTarget(HTCondorTargetOptions(config=config), place)
        try:
            submission = measure_submission(target, raw, folder)
            fill(raw)
            before = memory()
            supply = measure_supply(target, raw, 0)
            raw("mark_as_running", constraint=f"ProcId < {RUNNING * BATCH // JOBS}")
            with_starts = measure_supply(target, raw, RUNNING)
            raw("mark_as_idle", constraint="JobStatus == 2")
            with_late = measure_supply(target, raw, 0, late=PILOTS)
            demand = measure_demand(source, raw)
            return [supply, with_starts, with_late, demand, submission, measure_memory(before)]
        finally:
            source.close()
            target.close()


def measure_supply(target: HTCondorTarget, raw: Raw, running: int, late: int = 0) -> Figure:
    """Supply of all queues against the grouped query for its counts.

    Where pilots run, a second query tells when they began, which costs most of what is beyond 1.  Where
    some are yet to be made, the clusters are read before and after.
    """
    queues = [f"QUEUE_{number}" for number in range(QUEUES)]
    attributes = ["APF_FACTORY", "MATCH_APF_QUEUE", "JobStatus"]
    constraint = f'APF_FACTORY =?= "{FACTORY}"'

    if late:
        pilot = Job(executable=Path("/bin/sleep"), max_idle=1)
        target.submit(Order(queue="QUEUE_0", pilot=pilot, count=late, tag="late"))

    def ours() -> None:
        answer = target.supply(queues)
        assert sum(supply.pilots for supply in answer.values()) == JOBS + late
        assert sum(len(supply.starts) for supply in answer.values()) == running

    ratio, how = compare(ours, lambda: raw("group", constraint=constraint, attributes=attributes))
    name, limit = ("htcondor supply with starts", 1.6) if running else ("htcondor supply", 1.3)
    name += " with late materialization" if late else ""
    text = f"{QUEUES} queues, {JOBS} jobs, {running} of them began in the last minutes, {late} to come; {how}"
    return at_most(name, ratio, "x raw", limit, text)


def measure_demand(source: HTCondorSource, raw: Raw) -> Figure:
    """Demand for many constraints against the projection that could tell it."""
    works = [
        HTCondorWork(constraint=f'Site == "site{n}" && RequestCpus <= {n % 8 + 1}') for n in range(SITES)
    ]

    def ours() -> None:
        answer = source.demand(works)
        assert sum(demand.ready + demand.running for demand in answer.values()) == JOBS

    ratio, how = compare(ours, lambda: raw("project", attributes=["Site", "RequestCpus", "JobStatus"]))
    return at_most(
        "htcondor demand", ratio, "x raw", 1.5, f"{SITES} constraints, {JOBS} jobs; {how} (projection)"
    )


def measure_submission(target: HTCondorTarget, raw: Raw, folder: Path) -> Figure:
    """Submission of many pilots against the bindings with the same description."""
    pilot = Job(executable=Path("/bin/sleep"), arguments=("600",), environment={"SOME": "thing"})
    marks = Marks(factory=FACTORY, queue="QUEUE_0", host="host", folder=str(folder))
    description = describe(pilot, marks) | stamp("raw", PILOTS, late=False)
    clean = f'APF_FACTORY == "{FACTORY}"'

    def ours() -> None:
        order = Order(queue="QUEUE_0", pilot=pilot, count=PILOTS, tag=f"tag-{time.monotonic_ns()}")
        assert len(target.submit(order)) == PILOTS

    ratio, how = compare(
        ours,
        lambda: raw("submit", description=description, count=PILOTS),
        lambda: raw("remove", constraint=clean),
    )
    return at_least("htcondor submission", 1 / ratio, "x raw rate", 0.8, f"{PILOTS} pilots, one queue; {how}")


def measure_memory(before: int) -> Figure:
    """What the queries above have added to this process, which stands for the daemon."""
    grown = (memory() - before) / 1024
    return at_most(
        "htcondor memory",
        grown,
        "MB",
        5,
        f"growth of the daemon's peak by {JOBS} jobs, from {before // 1024} MB",
    )


def compare(ours: Act, raw: Callable[[], float], clean: Act = lambda: None) -> tuple[float, str]:
    """The ratio of the medians of some turns each, and both in words."""
    mine, theirs = [], []
    ours()  # starts the child, and is no part of the comparison
    for _ in range(TURNS):
        clean()
        theirs.append(raw())
        clean()
        began = time.perf_counter()
        ours()
        mine.append(time.perf_counter() - began)
    clean()
    one, other = statistics.median(mine), statistics.median(theirs)
    return one / other, f"medians of {TURNS}: ours {one:.3f} s, raw {other:.3f} s"


def fill(raw: Raw) -> None:
    """Put the jobs into the schedd."""
    description = {
        "executable": "/bin/sleep",
        "arguments": "600",
        "request_cpus": "$(cores)",
        "+APF_FACTORY": f'"{FACTORY}"',
        "+MATCH_APF_QUEUE": '"QUEUE_$(queue)"',
        "+Site": '"site$(site)"',
        "initialdir": "/tmp",
        "log": "",
    }
    items = [
        {"queue": str(n % QUEUES), "site": str(n % SITES), "cores": str(n % SITES % 8 + 1)}
        for n in range(BATCH)
    ]
    for _ in range(JOBS // BATCH):
        raw("fill", description=description, items=items)


def memory() -> int:
    """Peak of this process, in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


@contextmanager
def world() -> Iterator[tuple[Path, Raw, Path]]:
    """A pool of a schedd and a collector, the raw process, and a folder that jobs can write.

    The folder is removed at the very end: on an ext4 without a journal it costs ten times as much to make
    one for some minutes after thousands of others were removed.
    """
    sys.path.append(str(HERE.parent / "tests"))  # at the end: a test module may be called like a benchmark
    from pools import FEW, Pool

    pool, mask = Pool("bench", daemons=FEW, extra=EXTRA), os.umask(0)
    try:
        pool.start()
        raw = Raw(pool.config)
        folder = Path(tempfile.mkdtemp(prefix="apf-bench-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        folder.chmod(0o777)
        yield pool.config, raw, folder
        raw.end()
    finally:
        os.umask(mask)
        pool.stop()


if __name__ == "__main__":
    print(json.dumps(run(), indent=2))
