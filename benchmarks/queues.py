"""A thousand queues at one simulated target: rhythm, queries, memory, processor time and stop.

The daemon's parts run in a process of their own, so that memory and processor time are theirs alone:
`python benchmarks/queues.py` is that process.
"""

import json
import logging
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from figures import Figure, at_least, at_most

QUEUES = 1000
INTERVAL = 5
SECONDS = 30
JOBS = 20  # ready for each queue

CONFIGURATION = """
[factory]
id = "bench"
state = "@FOLDER@"

[source.jobs]
kind = "local"
jobs = "@FOLDER@/jobs.sqlite"
max_age = "1m"

[target.site]
kind = "simulated"
max_age = "1m"
guard = { per_minute = 1000000, max_pilots = 1000000 }

[defaults]
interval = "@INTERVAL@s"
source = "jobs"
target = "site"
policies = [
    { kind = "ready" },
    { kind = "scale", factor = 0.5 },
    { kind = "max_per_cycle", limit = 10 },
    { kind = "max_pending", limit = 10 },
]
"""


def configure(folder: Path) -> Path:
    """A configuration of a thousand queues, and the jobs that wait for each of them."""
    from autopyfactory.clients.workstation.jobs import JobQueue

    jobs = JobQueue(folder / "jobs.sqlite")
    names = [f"SITE_{number:04d}" for number in range(QUEUES)]
    for name in names:
        jobs.add(["/bin/true"], label=name, count=JOBS)
    queues = "".join(f'[queue.{name}]\nwork = {{ label = "{name}" }}\n' for name in names)
    path = folder / "bench.toml"
    settings = CONFIGURATION.replace("@FOLDER@", str(folder)).replace("@INTERVAL@", str(INTERVAL))
    path.write_text(settings + queues)
    return path


def count_calls(plugin: Any, verb: str, calls: Counter[str]) -> None:
    """Count how often one verb of a plug-in is called."""
    ask: Callable[..., Any] = getattr(plugin, verb)

    def counted(*asked: Any) -> Any:
        calls[verb] += 1
        return ask(*asked)

    setattr(plugin, verb, counted)


class Cycles:
    """A monitor that counts cycles and failures."""

    def __init__(self) -> None:
        self.ran = 0
        self.failures: Counter[str] = Counter()

    def record(self, report: Any) -> None:
        """Count one."""
        self.ran += 1
        if report.error is not None:
            self.failures[str(report.error)] += 1


def serve(folder: Path) -> dict[str, Any]:
    """Run the factory for a while and say what it cost."""
    from dataclasses import replace

    from autopyfactory.app.engine import Engine
    from autopyfactory.factory import Factory

    logging.disable(logging.WARNING)
    engine = Engine.build(configure(folder))
    if engine.problems:
        raise SystemExit("\n".join(engine.problems))
    cycles, calls = Cycles(), Counter[str]()
    plan = replace(engine.plan, monitors={"cycles": cycles})
    count_calls(plan.sources["jobs"].plugin, "demand", calls)
    count_calls(plan.targets["site"].plugin, "supply", calls)
    factory = Factory(engine.cycle)
    before = time.process_time()
    began = time.monotonic()
    factory.apply(plan)
    time.sleep(SECONDS)
    ran, failures, elapsed = cycles.ran, cycles.failures.copy(), time.monotonic() - began
    cpu = time.process_time() - before
    stopping = time.monotonic()
    factory.stop(10)
    for failure, times in failures.most_common(3):
        print(f"{times} cycles failed: {failure}", file=sys.stderr)
    return {
        "share": ran / (QUEUES * elapsed / INTERVAL),
        "demand": calls["demand"] / (elapsed / INTERVAL),
        "supply": calls["supply"] / (elapsed / INTERVAL),
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "cpu": cpu / elapsed,
        "stop": time.monotonic() - stopping,
        "failures": failures.total(),
    }


def run() -> list[Figure]:
    """What `serve` measured in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="apf-bench-") as folder:
        command = [sys.executable, __file__, folder]
        answer = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=300).stdout
    found = json.loads(answer)
    how = f"{QUEUES} queues, cycle {INTERVAL} s, one simulated target, {SECONDS} s"
    once = (SECONDS / INTERVAL + 1) / (
        SECONDS / INTERVAL
    )  # the one at the start is not paid for by an interval
    return [
        at_least("due cycles run", found["share"], "share", 0.98, how),
        at_most("failed cycles", found["failures"], "cycles", 0, how),
        at_most("supply queries", found["supply"], "per interval", once, how),
        at_most("demand queries", found["demand"], "per interval", once, how),
        at_most("memory", found["memory"], "MB", 150, f"{how}; peak RSS of the daemon's process"),
        at_most(
            "processor", found["cpu"], "of a core", 0.30, f"{how}; user and system of the daemon's process"
        ),
        at_most("stop", found["stop"], "s", 1.0, how),
    ]


if __name__ == "__main__":
    print(json.dumps(serve(Path(sys.argv[1]))))
