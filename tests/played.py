"""A recorded hour: a factory in a simulated world in which much goes wrong, and its history."""

from dataclasses import replace
from pathlib import Path

from autopyfactory.app.simulation.scenario import Scenario, read
from autopyfactory.history.database import FILE
from autopyfactory.history.retention import Keep
from autopyfactory.history.writer import Writer
from autopyfactory.model import Decision, Observation, Outcome, Report, Step, Supply
from autopyfactory.retirement import ASKED

HOUR = 3600.0
SCENARIO = """
[scenario]
duration = "1h"
seed = 7

[factory]
id = "played"
state = "@STATE@"
guard = { per_minute = 30, max_pilots = 120, retire_share = 0.1, retire_least = 1 }

[source.wms]
kind = "simulated"
target = "grid"
max_age = "1m"
outages = [{ after = "35m", lasts = "4m" }]
work.BUSY = { waiting = 300, per_hour = 600, run_time = { mean = "10m", shape = "exponential" } }
work.TESTED = { per_hour = 60, status = [{ after = "20m", lasts = "20m", status = "test" }] }

[target.grid]
kind = "simulated"
slots = 60
queue_delay = { mean = "2m", shape = "exponential" }
run_time = { mean = "30m", shape = "exponential" }
holds = 0.02
outages = [{ after = "45m", lasts = "3m" }]
black_holes = [{ after = "10m", lasts = "4m", share = 0.5 }]
guard = { per_minute = 20, downtime = [{ start = "00:50", end = "00:53", name = "upgrade" }] }

[defaults]
interval = "1m"
source = "wms"
target = "grid"
when_unknown = { submit = 2 }
policies = [
    { kind = "ready" },
    { kind = "share" },
    { kind = "throttle", max_time = "30s" },
    { kind = "status_test", pilots = 1 },
    { kind = "max_pending", limit = 25 },
]

[queue.NORTH]
work = { name = "BUSY" }
weight = 2.0

[queue.SOUTH]
work = { name = "BUSY" }

[queue.TESTED]
work = { name = "TESTED" }
guard.downtime = [{ start = "00:05", end = "00:08" }]

[queue.FALLING]
when_unknown = { submit = 0 }
work = { name = "TESTED" }
policies = [{ kind = "keep_n_running", count = 4 }, { kind = "scale", factor = 1.5 }]
"""


def scenario(folder: Path, *, change: tuple[str, str] = ("", "")) -> Scenario:
    """The scenario, its history in this folder; with one text in place of another."""
    path = folder / "played.toml"
    path.write_text(SCENARIO.replace("@STATE@", str(folder)).replace(*change))
    return read(path)


def record(folder: Path, seconds: float = HOUR) -> list[Report]:
    """Play it and write it into a history; the reports.  In the end an operator takes a pilot away."""
    reports: list[Report] = []
    scenario(folder).play().run(seconds, reports.append)
    reports.append(asked(reports[-1]))
    writer = Writer(folder / FILE, Keep(days=100_000, bytes=10**9))
    for report in reports:
        writer.add(report)
    writer.close()
    return reports


def asked(before: Report) -> Report:
    """A retirement that an operator asked for, right after a cycle."""
    return replace(
        before,
        wall=before.wall + 1,
        seen=Observation(supply=Supply(pending=3, as_of=before.began), now=before.began),
        decision=Decision(count=-1, steps=(Step(ASKED, -1),)),
        outcome=Outcome(retired=("1",)),
        error=None,
    )
