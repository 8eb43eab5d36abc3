"""`apf run`: the factory in this process, until it is stopped."""

import logging
from pathlib import Path

from autopyfactory.app.daemon import Daemon, complain
from autopyfactory.app.engine import Engine, WrongConfig
from autopyfactory.app.logs import set_up
from autopyfactory.factory import Factory


def serve(config: Path, cycles: int | None = None) -> int:
    """Run until a signal, or until every queue has run so many cycles; the exit code.

    0 after a stop that was asked for, and after all cycles, whatever they came to; 1 when a queue could
    not run its cycles.  Raises `WrongConfig` when no queue can be made, `Locked` when another daemon runs.
    """
    engine = Engine.build(config)
    if not engine.plan.queues:
        raise WrongConfig(engine.problems or (f"{config}: there is no queue; add a section [queue.NAME]",))
    with engine.acting() as lock:
        set_up(engine.plan.settings)
        complain(engine.problems)
        complain(engine.plan.warnings, logging.WARNING)
        factory = Factory(engine.cycle, cycles)
        daemon = Daemon(factory, engine.plan, engine.read_again)
        if not daemon.run(engine.folder, until=lambda: cycles is not None and factory.finished()):
            lock.keep()
    return 1 if cycles is not None and (engine.plan.failed or factory.failed) else 0
