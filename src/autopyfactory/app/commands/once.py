"""`apf once`: one cycle of one queue, by the daemon that runs, by this process, or only looked at."""

import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from autopyfactory.app.assembly.words import missed
from autopyfactory.app.commands.output import emit, say
from autopyfactory.app.commands.survey import survey
from autopyfactory.app.control import ask, runs
from autopyfactory.app.diary import note
from autopyfactory.app.engine import Engine, WrongConfig
from autopyfactory.app.renewal import renew
from autopyfactory.app.whereabouts import locate
from autopyfactory.configuration import Problem
from autopyfactory.cycle import Queue
from autopyfactory.errors import ConfigError
from autopyfactory.factory import limit
from autopyfactory.model import Report
from autopyfactory.plan import Plan
from autopyfactory.render import as_data

LONGEST_CYCLE = 900.0  # seconds that the daemon may take for it, all deadlines of its sections together
NEIGHBOURS = 10.0  # seconds for the other sections to say what they hold
FILLING = 10.0  # seconds to wait, at most, for the guard's buckets, which start empty
ENDING = 5.0  # seconds for what is under way to end
LETTING_GO = 1.0  # seconds for the plug-ins to close


def once(config: Path, name: str, *, dry_run: bool, as_json: bool) -> int:
    """Run a cycle, or look at it, and show it; 1 when it failed."""
    told = None if dry_run else ask_daemon(config, name)
    if told is None:
        engine = Engine.build(config)
        queue = find(engine, name)
        report = look(engine, queue) if dry_run else act(engine, queue)
        told = {"by": "nobody: a dry run" if dry_run else "this command", **as_data(report)}
    if as_json:
        emit(told)
    else:
        tell(told)
    return 1 if told["error"] else 0


def tell(told: Mapping[str, Any]) -> None:
    """The cycle in words, step by step."""
    say(f"{told['queue']}: cycle of {told['began']}, acted by {told['by']}", "bold")
    for line in told["words"]:
        say(line)


def find(engine: Engine, name: str) -> Queue:
    """The queue of this name; `ConfigError` says why there is none."""
    plan = engine.plan
    if name in plan.failed:
        raise WrongConfig(plan.failed[name].problems)
    if name in plan.disabled:
        raise ConfigError(f"{engine.config}: queue '{name}' is disabled: it has enabled = false")
    if name not in plan.queues:
        text = f"no queue '{name}'; {missed(name, plan.queues)}"
        missing = Problem(file=str(engine.config), section="", key="", text=text)
        raise WrongConfig([*engine.problems, missing])
    return plan.queues[name]


def ask_daemon(config: Path, name: str) -> Mapping[str, Any] | None:
    """The report of a cycle that the daemon ran at once, as data; None when no daemon runs.

    Of the configuration only the whereabouts of the daemon are read, which runs what it has loaded.
    """
    try:
        folder = locate(config)
    except ConfigError:
        return None  # the command itself will say what is wrong
    if not runs(folder):
        return None
    try:
        answer = ask(folder, {"ask": "once", "queue": name}, LONGEST_CYCLE)
    except ConfigError as error:
        find(Engine.build(config), name)  # raises with what is wrong with the queue on disk, if anything is
        raise ConfigError(f"{error}; it is right in {config}: apf reload") from error
    return {"by": "the running daemon", **answer["report"]}


def look(engine: Engine, queue: Queue) -> Report:
    """One cycle without its act and without the guard; needs no lock."""
    try:
        survey(engine.plan, patience=NEIGHBOURS)
        return engine.cycle.run(queue, act=False)
    finally:
        close(engine.plan)


def act(engine: Engine, queue: Queue) -> Report:
    """One cycle by this process."""

    def run() -> Report:
        survey(engine.plan, patience=NEIGHBOURS)
        wanted = engine.cycle.run(queue, act=False).decision
        if wanted is not None and wanted.count > 0:
            threading.Event().wait(filling(engine.plan, queue, wanted.count))
        return engine.cycle.run(queue)

    return act_alone(engine, queue, run)


def act_alone(engine: Engine, queue: Queue, run: Callable[[], Report]) -> Report:
    """What `run` does, by this process, which takes the factory's lock for it; as the daemon would."""
    with engine.acting() as lock:
        try:
            limit(engine.cycle.guard, engine.plan)
            renew(queue)
            report = run()
            note(engine.plan, report)
            return report
        finally:
            if not close(engine.plan):
                lock.keep()


def filling(plan: Plan, queue: Queue, count: int) -> float:
    """Seconds until the guard's buckets hold `count` pilots, as far as we wait for it."""
    rates = (queue.target.options.guard.per_minute, plan.settings.guard.per_minute)
    return min(FILLING, max((60 * (count + 1) / rate for rate in rates if rate), default=0.0))


def close(plan: Plan) -> bool:
    """Let all plug-ins go; true if nothing hangs."""
    for section in plan.sections():
        section.close(ENDING)
    deadline = time.monotonic() + ENDING + LETTING_GO
    return all(section.join(max(0.0, deadline - time.monotonic())) for section in plan.sections())
