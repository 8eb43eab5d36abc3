"""What a target tells the launcher: facts that travel as JSON."""

import json
from dataclasses import asdict, dataclass

from autopyfactory.clients.berth import Birth


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What a pilot is to do."""

    slots: int  # of the machine
    cores: int
    arguments: tuple[str, ...] = ()  # the one program to run; empty: jobs of `jobs`
    jobs: str = ""  # file of the job queue
    label: str | None = None  # of the jobs to take; None: any
    idle_exit: float = 10.0  # seconds without a job, after which it ends
    max_time: float | None = None  # seconds, after which it takes no further job


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """Pilots to start: all alike, but for the serial number, of which `birth` holds the first."""

    folder: str  # of pilots
    prefix: str  # of their identifiers
    count: int
    logs: str  # the folder of their output
    url: str  # where that folder is published
    birth: Birth
    setup: Setup

    def write(self) -> str:
        """This launch as JSON."""
        return json.dumps(asdict(self))


def read(text: str) -> Launch:
    """What `Launch.write` wrote."""
    facts = json.loads(text)
    setup = Setup(**{**facts["setup"], "arguments": tuple(facts["setup"]["arguments"])})
    return Launch(**{**facts, "birth": Birth(**facts["birth"]), "setup": setup})
