"""How many queue cycles a second a simulation plays, and how much of that is the raw decision."""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import decisions
from figures import Figure, at_least, at_most

from autopyfactory.app.simulation.scenario import Scenario, read

QUEUES = 100
HOURS = 4
REPEATS = 12  # the best one counts, for a busy machine only adds to it
SCENARIO = """
[scenario]
duration = "@HOURS@h"

[source.wms]
kind = "simulated"
target = "grid"
work."*" = { per_hour = 20, run_time = { mean = "1h", shape = "exponential" } }

[target.grid]
kind = "simulated"
slots = 5000
queue_delay = { mean = "5m", shape = "exponential" }
run_time = { mean = "8h" }
guard = { per_minute = 1000000, max_pilots = 1000000 }

[defaults]
interval = "1m"
source = "wms"
target = "grid"
policies = [
    { kind = "ready" },
    { kind = "scale", factor = 0.5 },
    { kind = "max_per_cycle", limit = 100 },
    { kind = "min_per_cycle", limit = 0 },
    { kind = "status_test", pilots = 3 },
    { kind = "status_offline" },
    { kind = "max_pending", limit = 10 },
]
"""


def scenario(folder: Path) -> Scenario:
    """A grid with a hundred queues, each with the chain of seven that `decisions` measures."""
    queues = "".join(f'[queue.Q{number}]\nwork = {{ name = "Q{number}" }}\n' for number in range(QUEUES))
    path = folder / "bench.toml"
    path.write_text(SCENARIO.replace("@HOURS@", str(HOURS)) + queues)
    return read(path)


def rate(count: int, run: Callable[[], object]) -> float:
    """So many per second of CPU time."""
    began = time.process_time()
    run()
    return count / (time.process_time() - began)


def run() -> list[Figure]:
    """The best of some repetitions, and the best of raw decisions made between them."""
    seen = [decisions.observe(number) for number in range(decisions.QUEUES)]
    cycles, raw = [], []
    with tempfile.TemporaryDirectory(prefix="apf-bench-") as folder:
        played = scenario(Path(folder))
        for _ in range(REPEATS):
            play = played.play()
            raw.append(decisions.measure(seen))
            cycles.append(rate(QUEUES * HOURS * 60, lambda play=play: play.run(HOURS * 3600)))
    how = f"{QUEUES} queues, a cycle a minute, {HOURS} h, chain of 7, per CPU second, best of {REPEATS}"
    return [
        at_least("simulated cycles", max(cycles), "1/s", 10_000, how),
        at_most("cost of a simulated cycle", max(raw) / max(cycles), "raw decisions", 15, how),
    ]
