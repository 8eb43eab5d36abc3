"""A history of ten hours for the tests of the commands that read it: three queues, of which one is gone."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from autopyfactory.decide import decide
from autopyfactory.errors import Unavailable
from autopyfactory.history.database import FILE
from autopyfactory.history.retention import Keep
from autopyfactory.history.writer import Writer
from autopyfactory.model import Demand, Observation, Outcome, Report, Supply
from autopyfactory.policies.max_pending import MaxPending
from autopyfactory.policies.max_per_cycle import MaxPerCycle
from autopyfactory.policies.ready import Ready

NOW = datetime(2030, 1, 31, 12, 0, tzinfo=UTC).timestamp()
INTERVAL = 360.0
CYCLES = 100
CHAIN = (Ready(), MaxPending(limit=10), MaxPerCycle(limit=4))
ENTRIES = [
    {"kind": "ready", "offset": 0, "unit": "jobs"},
    {"kind": "max_pending", "limit": 10},
    {"kind": "max_per_cycle", "limit": 4},
]
DEFINITION = {"interval": "6m", "policies": ENTRIES, "when_unknown": None}


def cycle(queue: str, number: int, ready: int = 20) -> Report:
    """The cycle of a queue that began (100 - number) intervals ago."""
    now = 1000.0 + number * INTERVAL
    demand = Demand(ready=ready, running=number, as_of=now - 12)
    supply = Supply(pending=2, running=number, clock=now, as_of=now - 1)
    seen = Observation(demand=demand, supply=supply, now=now)
    decision = decide(CHAIN, seen)
    return Report(
        queue=queue,
        source="panda",
        target="ce01",
        number=number,
        wall=NOW - (CYCLES - number) * INTERVAL,
        began=now,
        seen=seen,
        decision=decision,
        outcome=Outcome(submitted=tuple(f"{number}.{place}" for place in range(max(0, decision.count)))),
        definition=json.dumps(DEFINITION, sort_keys=True),
    )


def failed(report: Report, words: str) -> Report:
    """The same cycle, had the target not answered."""
    return replace(report, seen=None, decision=None, outcome=None, error=Unavailable(words))


def raised(report: Report) -> Report:
    """The same cycle under another limit."""
    entries = [*ENTRIES[:2], {"kind": "max_per_cycle", "limit": 5}]
    return replace(report, definition=json.dumps({**DEFINITION, "policies": entries}, sort_keys=True))


def remember(folder: Path) -> Path:
    """Write it into a state folder; the folder.

    SITE_A runs all the time and fails in its 90th cycle; its limit is raised in the 95th.  GONE ended
    with the 20th.  LATE came with the 98th and has nothing to do.
    """
    writer = Writer(folder / FILE, Keep(days=100_000, bytes=10**9))
    for number in range(1, CYCLES + 1):
        report = cycle("SITE_A", number)
        report = failed(report, "target ce01 gave no answer") if number == 90 else report
        writer.add(raised(report) if number >= 95 else report)
        if number <= 20:
            writer.add(cycle("GONE", number))
        if number >= 98:
            writer.add(cycle("LATE", number, ready=0))
    writer.close()
    return folder
