"""`apf run`: the factory in this process, until it is stopped."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from autopyfactory.app.daemon import Daemon, complain
from autopyfactory.app.engine import Engine, WrongConfig
from autopyfactory.app.futexes import widen
from autopyfactory.app.last_resort import LastResort
from autopyfactory.app.logs import set_up
from autopyfactory.app.premises import nobody
from autopyfactory.app.refresher import Refresher
from autopyfactory.app.rhythm import say_duration, seconds_to_turn
from autopyfactory.factory import Factory
from autopyfactory.plan import Plan

log = logging.getLogger(__name__)


def serve(config: Path, cycles: int | None = None) -> int:
    """Run until a signal, or until every queue has run so many cycles; the exit code.

    0 after a stop that was asked for, and after all cycles, whatever they came to; 1 when a queue could
    not run its cycles.  Raises `WrongConfig` when no queue can be made, `Locked` when another daemon runs.
    """
    engine = Engine.build(config)
    if not engine.plan.queues:
        raise WrongConfig(engine.problems or (nobody(config, engine.plan),))
    with engine.acting() as lock:
        widen()
        set_up(engine.plan.settings)
        complain([str(problem) for problem in engine.problems])
        complain([str(warning) for warning in engine.plan.warnings], logging.WARNING)
        log.info("%s", tell_first(engine.plan, time.time()))
        factory = Factory(engine.cycle, cycles)
        daemon = Daemon(factory, engine.plan, engine.read_again, LastResort().arm, engine.catalogs.tell)
        with refreshed(engine, daemon):
            if not daemon.run(engine.folder, until=None if cycles is None else factory.finished):
                lock.keep()
    return 1 if cycles is not None and (engine.plan.failed or factory.failed) else 0


@contextmanager
def refreshed(engine: Engine, daemon: Daemon) -> Iterator[None]:
    """Keep copies of the catalogues, and read them again now and then, inside the block."""
    engine.catalogs.keep()
    refresher = Refresher(lambda: daemon.refresh(engine.refresh), lambda: engine.catalogs.pause)
    refresher.start()
    try:
        yield
    finally:
        refresher.stop()


def tell_first(plan: Plan, wall: float) -> str:
    """When cycles begin: each queue has its place in its interval, so the first may take a whole one."""
    waits = {name: seconds_to_turn(queue, wall) for name, queue in plan.queues.items()}
    first = min(waits, key=lambda name: waits[name])
    words = f"first cycle of {first} in {say_duration(waits[first])}"
    if len(waits) == 1:
        return words
    return f"{words}, of all {len(waits)} queues within {say_duration(max(waits.values()))}"
