"""A schedd that is killed in the middle of a cycle, and comes back, has neither lost a pilot nor doubled one.

`APF_TEST_ROUNDS` says how often it is killed.
"""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from autopyfactory.testing import until
from keeping import Keeping
from pools import Pool

ROUNDS = int(os.environ.get("APF_TEST_ROUNDS", "2"))
QUEUES = ("A", "B", "C", "D")
PILOTS = 150
MOMENT = 0.5  # seconds after the first submission began, by which all four have ended


@pytest.fixture
def world(mortal_pool: Pool, home: Path, factory: str) -> Iterator[Keeping]:
    world = Keeping(home, factory)
    world.target("mortal", mortal_pool, timeout="20s")
    yield world
    world.factory.stop(5)
    mortal_pool.clear()


def kill_schedd(pool: Pool) -> None:
    """Kill it and wait until its successor answers."""
    before = pool.pid("condor_schedd")
    os.kill(before, signal.SIGKILL)
    assert until(lambda: successor(pool, before), seconds=60), "the master starts no other schedd"


def successor(pool: Pool, before: int) -> bool:
    try:
        return pool.pid("condor_schedd") != before and bool(pool.tool("condor_q", "-totals"))
    except (StopIteration, AssertionError):  # there is none yet, or it does not answer yet
        return False


def identifiers(pool: Pool, factory: str) -> dict[str, tuple[str, str]]:
    """Queue and tag of every pilot, by its identifier, as HTCondor itself tells."""
    wanted = ("ClusterId", "ProcId", "MATCH_APF_QUEUE", "APF_TAG")
    ads = pool.jobs(f'APF_FACTORY == "{factory}"', *wanted)
    return {f"{ad['ClusterId']}.{ad['ProcId']}": (ad["MATCH_APF_QUEUE"], ad["APF_TAG"]) for ad in ads}


def is_whole(pool: Pool, factory: str) -> bool:
    counts = Counter(queue for queue, _ in identifiers(pool, factory).values())
    return all(counts[queue] >= PILOTS for queue in QUEUES)


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_a_schedd_killed_in_a_cycle_keeps_each_pilot_once(
    world: Keeping, mortal_pool: Pool, factory: str, turn: int
) -> None:
    dice = random.Random(turn)
    for name in QUEUES:
        world.queue(name, "mortal", PILOTS)
    world.apply()
    assert until(lambda: bool(world.process.ledger.open()))
    time.sleep(dice.uniform(0, MOMENT))  # the moment is the point: before, in or after a submission
    kill_schedd(mortal_pool)
    assert until(lambda: is_whole(mortal_pool, factory), seconds=120), [world.tell(name) for name in QUEUES]
    settled = {name: len(world.reports[name]) for name in QUEUES}
    assert until(lambda: all(len(world.reports[name]) > settled[name] + 8 for name in QUEUES), seconds=60)
    assert until(lambda: not world.process.ledger.open(), seconds=60)
    check(world, identifiers(mortal_pool, factory))


def check(world: Keeping, there: dict[str, tuple[str, str]]) -> None:
    """As many as were wanted, all that were reported, and each tag in a cluster of its own."""
    counts = Counter(queue for queue, _ in there.values())
    assert counts == dict.fromkeys(QUEUES, PILOTS), [world.tell(name) for name in QUEUES]
    told = [
        (identifier, name)
        for name in QUEUES
        for report in world.reports[name]
        for identifier in (report.outcome.submitted if report.outcome else ())
    ]
    assert len({identifier for identifier, _ in told}) == len(told)
    assert all(there[identifier][0] == name for identifier, name in told)
    clusters = {(identifier.split(".")[0], tag) for identifier, (_, tag) in there.items()}
    assert len({tag for _, tag in clusters}) == len(clusters) == len({cluster for cluster, _ in clusters})
    assert {tag for _, tag in clusters} <= set(world.tags)
