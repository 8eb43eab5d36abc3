"""`apf demo`: real jobs, real pilots and the real factory in a temporary folder, which ends by itself."""

import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from rich.console import Group
from rich.live import Live
from rich.text import Text

from autopyfactory.app.commands.keepsake import keep
from autopyfactory.app.commands.output import console, emit, say
from autopyfactory.app.commands.progress import Progress
from autopyfactory.app.daemon import Daemon
from autopyfactory.app.engine import Engine
from autopyfactory.app.logs import set_up
from autopyfactory.clients.workstation.jobs import JobQueue
from autopyfactory.factory import Factory
from autopyfactory.model import Supply
from autopyfactory.monitors.board import draw
from autopyfactory.plan import Plan

KINDS = {"SHORT": "0.5", "LONG": "2"}  # seconds that a job of each queue takes
MONITOR = "(demo)"
ENDING = 8.0  # seconds for pilots to end that are told to
CONFIG = """
[factory]
id = "demo"
state = "state"
log = "./factory.log"

[source.jobs]
kind = "local"
max_age = "200ms"

[target.here]
kind = "local"
slots = 6
peaceful = false
max_age = "200ms"

[defaults]
interval = "1s"
source = "jobs"
target = "here"
policies = [
    { kind = "ready" },
    { kind = "max_pending", limit = 3 },
    { kind = "max_per_cycle", limit = 2 },
]

[queue.SHORT]
work = { label = "SHORT" }
pilot = { label = "SHORT", idle_exit = "1s" }

[queue.LONG]
work = { label = "LONG" }
pilot = { label = "LONG", idle_exit = "1s" }
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a demonstration came to."""

    jobs: int
    done: int
    pilots_submitted: int
    peak_pilots: int
    pilots_left: int
    seconds_to_first_pilot: float | None
    seconds: float


def demonstrate(jobs: int, seconds: float, *, as_json: bool) -> int:
    """Run so many jobs, for so many seconds at most; 0 when all were done and no pilot is left."""
    folder = Path(tempfile.mkdtemp(prefix="apf-demo-"))
    try:
        result = play(folder, jobs, seconds, quiet=as_json)
        kept = keep(folder / "state")
    finally:
        remove(folder)
    if as_json:
        emit(asdict(result))
    else:
        say(
            f"{result.done} of {result.jobs} jobs done by {result.pilots_submitted} pilots in"
            f" {result.seconds:.1f} s; at most {result.peak_pilots} at once, {result.pilots_left} are left"
        )
        if kept is not None:
            say("What it did and why:")
            for command in ("history", "explain"):
                say(f"    {called()} {command} SHORT --state {kept}")
    return 0 if result.done == jobs and result.pilots_left == 0 else 1


def called() -> str:
    """How this program is called from here: by its name where that is found, else as it was this time."""
    return "apf" if shutil.which("apf") else sys.argv[0]


def remove(folder: Path) -> None:
    """Remove a folder into which the last pilots, or the log, may still write a line."""
    pause = threading.Event()
    for _ in range(40):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        pause.wait(0.05)


def play(folder: Path, jobs: int, seconds: float, *, quiet: bool) -> Result:
    """Fill a job queue and let the factory empty it."""
    config = folder / "demo.toml"
    config.write_text(CONFIG)
    engine = Engine.build(config)
    with engine.acting():
        queue = fill(engine.folder, jobs)
        progress = Progress(queue, jobs)
        plan = replace(engine.plan, monitors={**engine.plan.monitors, MONITOR: progress})
        set_up(plan.settings)
        daemon = Daemon(Factory(engine.cycle), plan, engine.read_again)
        try:
            with picture(progress, quiet=quiet) as refresh:
                daemon.run(engine.folder, until=lambda: is_over(progress, refresh, seconds))
        finally:
            left = end_pilots(plan)
    progress.look()
    return Result(
        jobs=jobs,
        done=progress.done(),
        pilots_submitted=progress.submitted,
        peak_pilots=progress.peak,
        pilots_left=left,
        seconds_to_first_pilot=None if progress.first is None else round(progress.first, 2),
        seconds=round(progress.seconds(), 2),
    )


def is_over(progress: Progress, refresh: Callable[[], None], seconds: float) -> bool:
    """Show how it goes, and say whether it ends."""
    refresh()
    return progress.is_over() or progress.seconds() > seconds


def fill(folder: Path, jobs: int) -> JobQueue:
    """A job queue with jobs of both kinds."""
    queue = JobQueue(folder / "jobs.sqlite")
    for number, (label, seconds) in enumerate(KINDS.items()):
        share = (jobs + 1 - number) // len(KINDS)
        if share:
            queue.add(["sleep", seconds], label=label, count=share, directory=str(folder))
    return queue


def end_pilots(plan: Plan) -> int:
    """Retire what is left after an interruption, and wait until it is gone; how many would not go."""
    target = plan.targets["here"].plugin
    pause, deadline = threading.Event(), time.monotonic() + ENDING
    while True:
        supplies = target.supply(plan.queues).items()
        left = {
            name: supply.pilots + supply.retiring for name, supply in supplies if isinstance(supply, Supply)
        }
        if not any(left.values()) or time.monotonic() > deadline:
            return sum(left.values())
        for name, count in left.items():
            target.retire(name, count)
        pause.wait(0.2)


@contextmanager
def picture(progress: Progress, *, quiet: bool) -> Iterator[Callable[[], None]]:
    """What shows the progress, to be called often: live on a terminal, a line for every change elsewhere."""
    if quiet:
        yield progress.look
    elif sys.stdout.isatty():
        with Live(console=console(), auto_refresh=False) as live:
            yield lambda: paint(progress, live)
    else:
        yield Lines(progress)


def paint(progress: Progress, live: Live) -> None:
    """The table of queues over the numbers of jobs."""
    progress.look()
    live.update(Group(draw(progress.reports()), Text(str(progress), style="bold")), refresh=True)


class Lines:
    """Prints the progress when it has changed."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._said = ""

    def __call__(self) -> None:
        """Look, and perhaps speak."""
        self._progress.look()
        text = str(self._progress)
        if text != self._said:
            self._said = text
            say(f"{self._progress.seconds():5.1f} s  {text}")
