"""A catalogue of 500 PanDA queues with 1,500 CEs: how long to a configuration, and who notices a reload.

The daemon's parts run in a process of their own: `python benchmarks/catalog.py FOLDER` is that process.
"""

import json
import logging
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from figures import Figure, at_most, note

QUEUES = 500
CES = 3  # of each
FIELDS = 220  # that nobody asks for, of each: so many has the real one
INTERVAL = 10.0
SECONDS = 30.0  # to watch before a reload, and from its beginning on

HEAD = """
[factory]
id = "bench"
state = "@FOLDER@/state"
guard = { max_pilots = 1000000 }

[catalog.bench]
kind = "cric"
file = "@FOLDER@/catalogue.json"
factories = 2

[catalog.bench.template.common]
target = "there"
interval = "10s"
policies = [
    { kind = "fixed", count = 8 },
    { kind = "scale", factor = "{scale}" },
    { kind = "max_per_cycle", limit = 10 },
    { kind = "max_pending", limit = 10 },
]
"""
GRID = """
[target.there]
kind = "htcondor"

[catalog.bench.template.common.pilot]
executable = "/bin/sh"
arguments = ["-q", "{nickname}", "-s", "{panda_resource}", "--pilotversion", "{pilot_version|latest}"]
cores = "{cores}"
memory = "{memory}"
wall_time = "{wall_time}"

[catalog.bench.template.htcondor-ce.pilot]
grid = { kind = "condor", host = "{host}", port = "{port}", queue = "{ce_queue}" }

[catalog.bench.template.arc-ce.pilot]
grid = { kind = "arc", endpoint = "{endpoint}", queue = "{ce_queue}", rtes = ["ENV/PROXY"] }
"""
SIMULATED = """
[target.there]
kind = "simulated"
guard = { per_minute = 1000000, max_pilots = 1000000 }

[catalog.bench.template.htcondor-ce]
pilot.cores = "{cores}"

[catalog.bench.template.arc-ce]
pilot.cores = "{cores}"
"""


def write(folder: Path, sections: str, cores: int = 8) -> Path:
    """A configuration with its catalogue; every tenth PanDA queue has so many cores."""
    records = {f"SITE_{number}": record(number, 8 if number % 10 else cores) for number in range(QUEUES)}
    (folder / "catalogue.json").write_text(json.dumps(records))
    config = folder / "bench.toml"
    config.write_text((HEAD + sections).replace("@FOLDER@", str(folder)))
    return config


def record(number: int, cores: int) -> dict[str, Any]:
    """One PanDA queue."""
    usual = {"state": "ACTIVE", "site_state": "ACTIVE", "is_virtual": False, "status": "online"}
    limits = {"corecount": cores, "maxrss": 16000, "maxtime": 345600, "catchall": "", "special_par": ""}
    ces = [
        {
            "ce_queue_id": number * CES + index,
            "ce_endpoint": f"ce{index}.site{number}.example.org",
            "ce_flavour": "ARC-CE" if index == 2 else "HTCONDOR-CE",
            "ce_queue_name": "grid",
            "ce_queue_maxwctime": 4320,
            "ce_state": "ACTIVE",
            "ce_status": None,
        }
        for index in range(CES)
    ]
    rest = {f"field_{index}": "what nobody asks for" for index in range(FIELDS)}
    return {
        "panda_resource": f"SITE_{number}",
        "pilot_version": "3",
        **usual,
        **limits,
        "queues": ces,
        **rest,
    }


class Turns:
    """A monitor that notes by how much each turn came later than its interval after the last one."""

    def __init__(self) -> None:
        self.latest: dict[str, float] = {}
        self.delays: list[tuple[float, float]] = []  # when it was due, and seconds late

    def record(self, report: Any) -> None:
        """Take note of one."""
        began, before = report.began, self.latest.get(report.queue)
        self.latest[report.queue] = began
        if before is not None:
            self.delays.append((began, max(0.0, began - before - INTERVAL)))

    def longest(self, since: float, until: float) -> float:
        """The longest delay of a turn that began then."""
        return max((late for began, late in list(self.delays) if since <= began <= until), default=0.0)


def serve(folder: Path) -> dict[str, float]:
    """Measure the way to a configuration, then a reload beside a factory that runs."""
    from dataclasses import replace

    from autopyfactory.app.engine import Engine
    from autopyfactory.app.reload import succeed
    from autopyfactory.factory import Factory

    logging.disable(logging.WARNING)
    config = write(folder, GRID)
    began, used = time.perf_counter(), time.process_time()
    engine = Engine.build(config)
    wall, first = time.perf_counter() - began, time.process_time() - used
    if engine.problems or len(engine.plan.queues) != QUEUES * CES:
        raise SystemExit("\n".join(map(str, engine.problems)) or "queues are missing")
    size = (folder / "catalogue.json").stat().st_size / 1e6
    engine = Engine.build(write(folder, SIMULATED))
    turns = Turns()
    plan = replace(engine.plan, monitors={"turns": turns})
    factory = Factory(engine.cycle)
    factory.apply(plan)
    pause = threading.Event()
    pause.wait(INTERVAL + SECONDS)
    write(folder, SIMULATED, cores=4)
    start = time.monotonic()
    assembly = engine.refresh(plan)
    if assembly is None:
        raise SystemExit("the reload saw no change")
    factory.apply(replace(succeed(plan, assembly), monitors=plan.monitors))
    end = time.monotonic()
    pause.wait(SECONDS)
    factory.stop(10)
    return {
        "first": first,
        "wall": wall,
        "size": size,
        "reload": end - start,
        "before": turns.longest(start - SECONDS, start),
        "during": turns.longest(start, end + INTERVAL),
        "turns": len(turns.delays),
    }


def run() -> list[Figure]:
    """What `serve` measured in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="apf-bench-") as folder:
        command = [sys.executable, __file__, folder]
        answer = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=600).stdout
    found = json.loads(answer)
    how = f"{QUEUES} PanDA queues, {QUEUES * CES} CEs, {found['size']:.1f} MB"
    beside = f"beside {QUEUES * CES} queues, cycle {INTERVAL:g} s, {found['turns']:g} turns"
    return [
        at_most("catalog_to_configuration", found["first"], "s CPU", 5, f"{how}, target htcondor"),
        note(
            "catalog_by_the_clock", found["wall"], "s", "the same on a machine that may do other things, too"
        ),
        note("catalog_reload", found["reload"], "s", f"{beside}; 150 queues change"),
        note("catalog_delay_before", found["before"], "s", f"longest delay of a turn, no reload, {beside}"),
        at_most("catalog_delay", found["during"], "s", 1, f"longest delay of a turn in a reload, {beside}"),
    ]


if __name__ == "__main__":
    json.dump(serve(Path(sys.argv[1])), sys.stdout)
