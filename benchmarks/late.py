"""Late materialization: a submission of 5,000 pilots against one of 50, in wall time and in CPU time.

Both are made in turns, so that whatever else the machine does meets both; the medians are compared.  CPU
time is that of this process, which stands for the daemon, and of its child with the bindings.
"""

import json
import statistics
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from figures import Figure, at_most
from htcondor import FACTORY, world

from autopyfactory.clients.condor.client import CLIENTS
from autopyfactory.clients.condor.options import Job
from autopyfactory.model import Order, Place
from autopyfactory.targets.htcondor import HTCondorTarget, HTCondorTargetOptions

FEW, MANY = 50, 5000
TURNS = 15
Spent = tuple[float, float]  # seconds of wall and of CPU
PILOT = Job(executable=Path("/bin/sleep"), arguments=("600",), max_idle=10)


def run() -> list[Figure]:
    """Bring up a pool and submit."""
    with world() as (config, raw, folder):
        options = HTCondorTargetOptions(config=config)
        place = Place(section="bench", factory=FACTORY, logs=str(folder), state=str(folder))
        target = HTCondorTarget(options, place)
        try:
            spent = take_turns(target, lambda: raw("remove", constraint=f'APF_FACTORY == "{FACTORY}"'))
            return [compare("wall", 0, spent), compare("CPU", 1, spent)]
        finally:
            target.close()


def take_turns(target: HTCondorTarget, clean: Callable[[], object]) -> Mapping[int, list[Spent]]:
    """What the submissions of each size took."""
    submit(target, FEW)  # starts the child, and is no part of the comparison
    (client,) = CLIENTS._open.values()
    assert client._child is not None
    spent: dict[int, list[Spent]] = {FEW: [], MANY: []}
    for count in [FEW, MANY] * TURNS:
        spent[count].append(measure(partial(submit, target, count), client._child.pid))
        clean()
    return spent


def submit(target: HTCondorTarget, count: int) -> None:
    """One submission."""
    order = Order(queue="QUEUE_0", pilot=PILOT, count=count, tag=f"tag-{time.monotonic_ns()}")
    assert len(target.submit(order)) == count


def measure(act: Callable[[], None], child: int) -> Spent:
    """Seconds of wall and of CPU that an act takes."""
    cpu, wall = processor_time(child), time.perf_counter()
    act()
    return time.perf_counter() - wall, processor_time(child) - cpu


def processor_time(child: int) -> float:
    """CPU seconds that this process and its child have spent."""
    spent = sum(int(line.split()[0]) for line in Path(f"/proc/{child}/schedstat").read_text().splitlines())
    return time.process_time() + spent / 1e9


def compare(name: str, index: int, spent: Mapping[int, list[Spent]]) -> Figure:
    """The ratio of the medians."""
    few, many = (statistics.median(times[index] for times in spent[count]) for count in (FEW, MANY))
    how = f"medians of {TURNS}: {MANY} pilots {many * 1000:.1f} ms, {FEW} pilots {few * 1000:.1f} ms"
    return at_most(f"late submission, {name}", many / few, f"x {FEW} pilots", 1.5, how)


if __name__ == "__main__":
    print(json.dumps(run(), indent=2))
