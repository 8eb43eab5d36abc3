"""A schedd that stands still is noticed by its own queues alone, and no pilot too many comes of it.

`APF_TEST_ROUNDS` says how often the schedd is stopped in the middle of a submission.
"""

import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from autopyfactory.errors import Unavailable
from autopyfactory.testing import until
from keeping import INTERVAL, Keeping
from pools import Pool

ROUNDS = int(os.environ.get("APF_TEST_ROUNDS", "2"))
PILOTS = 300
SUBMITTED = 2.0  # seconds in which a submission surely begins and ends


@pytest.fixture
def world(pool: Pool, other_pool: Pool, home: Path, factory: str) -> Iterator[Keeping]:
    world = Keeping(home, factory)
    world.target("stopped", other_pool)
    world.target("healthy", pool)
    yield world
    world.factory.stop(5)
    pool.clear()
    other_pool.clear()


def pilots(pool: Pool, queue: str) -> int:
    return len(pool.jobs(f'MATCH_APF_QUEUE == "{queue}" && JobStatus != 3', "ProcId"))


def test_the_queues_of_a_healthy_schedd_keep_their_turns(world: Keeping, other_pool: Pool) -> None:
    for number in range(4):
        world.queue(f"bad{number}", "stopped", 5)
        world.queue(f"good{number}", "healthy", 5)
    world.apply()
    assert until(lambda: all(len(world.reports[name]) > 3 for name in world.queues))
    with other_pool.stopped():
        before = {name: len(reports) for name, reports in world.reports.items()}
        began = time.monotonic()
        assert until(
            lambda: all(isinstance(world.reports[f"bad{n}"][-1].error, Unavailable) for n in range(4))
        )
        assert until(lambda: time.monotonic() - began > 6)
        elapsed = time.monotonic() - began
        turns = {name: len(world.reports[name]) - before[name] for name in world.queues}
    assert min(turns[f"good{n}"] for n in range(4)) >= 0.98 * (elapsed / INTERVAL) - 1, turns
    assert all("stopped" in str(world.reports[f"bad{n}"][-1].error) for n in range(4))
    assert until(lambda: all(world.reports[f"bad{n}"][-1].error is None for n in range(4)))
    for number in range(4):
        assert pilots(other_pool, f"bad{number}") == 5, world.tell(f"bad{number}")


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_a_schedd_stopped_in_a_submission_gets_no_pilot_too_many(
    world: Keeping, other_pool: Pool, turn: int
) -> None:
    dice = random.Random(turn)  # the moment of the stop, and how long it takes
    world.queue("q", "stopped", 0)
    world.apply()
    assert until(lambda: len(world.reports["q"]) > 2)
    world.queue("q", "stopped", PILOTS)
    world.apply()
    assert until(lambda: bool(world.process.ledger.open()), seconds=SUBMITTED)
    time.sleep(dice.uniform(0, 0.12))
    with other_pool.stopped():
        time.sleep(dice.uniform(0.5, 8))
    assert until(lambda: pilots(other_pool, "q") == PILOTS, seconds=30), world.tell("q")
    settled = len(world.reports["q"])
    assert until(lambda: len(world.reports["q"]) > settled + 8)
    assert pilots(other_pool, "q") == PILOTS, world.tell("q")
