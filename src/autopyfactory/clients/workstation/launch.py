"""A launch of pilots: what a target tells the launcher, as JSON, and how it is run."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import autopyfactory
from autopyfactory.clients.inheritance import inherited
from autopyfactory.clients.workstation.berth import Birth

BOOT = """
import sys
sys.path.append(sys.argv[1])
from autopyfactory.clients.workstation.launcher import main
sys.exit(main())
"""
# isolated and without site-packages: it starts fast, and nobody's variables or modules reach it
LAUNCHER = (sys.executable, "-I", "-S", "-c", BOOT, str(Path(autopyfactory.__file__).parents[1]))
GRACE = 5.0  # seconds that the kernel gives a launcher beyond ours


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
    seconds: float = 0.0  # after which the kernel ends the launcher; 0: never
    held: tuple[int, ...] = ()  # open files that the launcher holds, and no pilot

    def write(self) -> str:
        """This launch as JSON."""
        return json.dumps(asdict(self))


def read(text: str) -> Launch:
    """What `Launch.write` wrote."""
    facts = json.loads(text)
    setup = Setup(**{**facts["setup"], "arguments": tuple(facts["setup"]["arguments"])})
    held = tuple(facts["held"])
    return Launch(**{**facts, "birth": Birth(**facts["birth"]), "setup": setup, "held": held})


def run(launch: Launch, environment: Mapping[str, str], patience: float) -> str:
    """Start the pilots, in at most `patience` seconds; what went wrong, if anything.

    The launcher ends by itself a little later, should we be dead by then.  Which pilots came to life is
    seen in the folder of pilots, whatever the launcher came to.
    """
    launch = replace(launch, seconds=patience + GRACE, held=inherited())
    try:
        done = subprocess.run(
            [*LAUNCHER, launch.birth.queue, launch.prefix],  # the last two tell who reads a list of processes
            input=launch.write(),
            env=environment,
            capture_output=True,
            text=True,
            timeout=patience,
            pass_fds=launch.held,
            start_new_session=True,
            check=False,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        return str(error)
    return done.stderr.strip()
