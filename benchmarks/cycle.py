"""One cycle of a thousand queues that submit, beside 50,000 jobs: ours against the bindings alone, in turns.

The bindings do one grouped query and a thousand submissions, each in a transaction of its own, with
the same descriptions.  How `condor_submit` would fare, a process for each queue, is told by a sample.
"""

import logging
import statistics
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from factories import Setting
from figures import Figure, at_most, note
from htcondor import Raw, world

from autopyfactory.app.engine import Engine
from autopyfactory.clients.condor.job import Marks, describe, stamp, text
from autopyfactory.clients.condor.options import Job
from autopyfactory.factory import Factory

JOBS, BATCH, PILOTS = 50_000, 10_000, 10
TURNS = 5
SAMPLE = 50  # queues for which condor_submit is run
OTHERS = {"executable": "/bin/sleep", "initialdir": "/tmp", "log": "", "hold": "true"}
RAW = "raw"
AT_ONCE: dict[str, Any] = {
    "ready": PILOTS,
    "scale": 1.0,
    "fall": 1.0,
    "interval": 3600,
    "period": 1,
    "timeout": 600,
}


def run() -> list[Figure]:
    """Fill a schedd, take turns, compare each with the raw one right before it: a machine's speed drifts."""
    with world() as (config, raw, folder):
        fill(raw, JOBS)
        setting = Setting(folder=folder / "ours", config=config, **AT_ONCE)
        pilots = [description(folder, name) for name in setting.names]
        ours, theirs, together = [], [], []
        with at_work(setting) as factory:
            for _ in range(TURNS):
                together.append(raw("submit_together", descriptions=pilots, count=PILOTS))
                clean(raw, RAW)
                theirs.append(alone(raw, pilots))
                clean(raw, RAW)
                ours.append(cycle(factory, setting.names))
                clean(raw, setting.factory)
        tool = condor_submit(config, folder, pilots[:SAMPLE]) * len(pilots) / SAMPLE
        clean(raw, RAW)
    mine, bare, at_once = map(statistics.median, (ours, theirs, together))
    ratios = sorted(one / other for one, other in zip(ours, theirs, strict=True))
    how = f"{len(pilots)} queues x {PILOTS} pilots, {JOBS} other jobs, medians of {TURNS}: ours {mine:.1f} s"
    parts = f"{how}, raw {bare:.1f} s, ratios {ratios[0]:.2f} to {ratios[-1]:.2f}"
    return [
        at_most("cycle", statistics.median(ratios), "x raw", 1.3, parts),
        note(
            "cycle by condor_submit",
            mine / tool,
            "x a process each",
            f"{how}, tool {tool:.0f} s by {SAMPLE} queues",
        ),
        note(
            "one transaction for all",
            at_once / bare,
            "x raw",
            f"raw bindings, all queues in one cluster: {at_once:.1f} s",
        ),
    ]


def fill(raw: Raw, jobs: int) -> None:
    """Jobs of somebody else, held, of 40 queues."""
    items = [{"queue": str(number % 40)} for number in range(BATCH)]
    for _ in range(jobs // BATCH):
        raw("fill", description={**OTHERS, "+MATCH_APF_QUEUE": '"OTHER_$(queue)"'}, items=items)


def description(folder: Path, queue: str) -> dict[str, str]:
    """What we would submit for this queue."""
    pilot = Job(
        executable="/bin/sleep", arguments=("60",), memory="1MB", disk="1MB", submit={"requirements": "False"}
    )
    logs = folder / RAW / queue
    logs.mkdir(parents=True, exist_ok=True)
    marks = Marks(factory=RAW, queue=queue, host="host", folder=str(logs))
    return describe(pilot, marks) | stamp(f"tag-{queue}", PILOTS, late=False)


def alone(raw: Raw, pilots: list[dict[str, str]], count: int = PILOTS) -> float:
    """Seconds of the bindings."""
    attributes = ["APF_FACTORY", "MATCH_APF_QUEUE", "JobStatus"]
    query = raw("group", constraint=f'APF_FACTORY =?= "{RAW}"', attributes=attributes)
    return query + raw("submit_each", descriptions=pilots, count=count)


def clean(raw: Raw, factory: str) -> None:
    """Remove the pilots of a factory."""
    raw("remove", constraint=f'APF_FACTORY == "{factory}"')


@contextmanager
def at_work(setting: Setting) -> Iterator[Factory]:
    """The factory, in this process, whose queues have no turn of their own."""
    logging.disable(logging.WARNING)
    engine = Engine.build(setting.write())
    factory = Factory(engine.cycle, cycles=0)
    with engine.acting():
        factory.apply(engine.plan)
        yield factory
        factory.stop(10)
    logging.disable(logging.NOTSET)


def cycle(factory: Factory, names: list[str]) -> float:
    """Seconds in which all queues, at once, take a turn; each has to submit what it should."""
    submitted = []

    def turn(name: str) -> None:
        outcome = factory.once(name).outcome
        submitted.append(len(outcome.submitted) if outcome else 0)

    threads = [threading.Thread(target=turn, args=(name,)) for name in names]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    if submitted != [PILOTS] * len(names):
        raise RuntimeError(f"{sum(submitted)} pilots instead of {PILOTS * len(names)}")
    return seconds


def condor_submit(config: Path, folder: Path, pilots: list[dict[str, str]]) -> float:
    """Seconds of one process for each of these queues."""
    tool = next(word for word in (config.parent / "env.sh").read_text().split() if word.startswith("PATH="))
    program = f"{tool.removeprefix('PATH=').split(':')[0]}/condor_submit"
    paths = [folder / f"{number}.sub" for number in range(len(pilots))]
    for path, pilot in zip(paths, pilots, strict=True):
        path.write_text(f"{text(pilot)}queue {PILOTS}\n")
    began = time.perf_counter()
    for path in paths:
        words = [program, "-terse", str(path)]
        subprocess.run(words, env={"CONDOR_CONFIG": str(config)}, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began
