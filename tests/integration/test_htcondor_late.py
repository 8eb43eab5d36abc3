"""Late materialization: pilots that a real schedd has yet to make count, are retired and survive like others."""

import json
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autopyfactory.clients.condor.options import Job
from autopyfactory.errors import FactoryError
from autopyfactory.model import Order, Place, Supply
from autopyfactory.targets.htcondor import HTCondorTarget, HTCondorTargetOptions
from contracts import TargetContract
from plugged import until
from pools import Pool

Make = Callable[..., HTCondorTarget]
WAITS = {"requirements": "false"}
ROUNDS = int(os.environ.get("APF_TEST_ROUNDS", "2"))


def sleeper(**options: Any) -> Job:
    """A pilot of which two at most wait in the queue, and which stays."""
    small = {"memory": "1MB", "disk": "1MB", "max_idle": 2}
    return Job.model_validate({"executable": "/bin/sleep", "arguments": ["600"], **small, **options})


def order(pilot: Job, count: int, tag: str = "tag-1") -> Order[Job]:
    return Order(queue="ALPHA", pilot=pilot, count=count, tag=tag)


@pytest.fixture
def make(pool: Pool, home: Path, factory: str) -> Iterator[Make]:
    """Makes targets of one factory at the pool in which jobs run, and clears it afterwards."""
    made: list[HTCondorTarget] = []

    def make(**options: Any) -> HTCondorTarget:
        section = HTCondorTargetOptions.model_validate({"config": pool.config, **options})
        place = Place(section="ce", factory=factory, logs=str(home / "logs"), state=str(home / "state"))
        made.append(HTCondorTarget(section, place))
        return made[-1]

    yield make
    for target in made:
        target.close()
    pool.clear()


class TestLateMaterialization(TargetContract):
    """What every target promises, of pilots most of which are yet to be made."""

    plugin = HTCondorTarget

    @pytest.fixture
    def section(self, pool: Pool, home: Path) -> Iterator[HTCondorTargetOptions]:
        yield HTCondorTargetOptions(config=pool.config)
        pool.clear()

    @pytest.fixture
    def place(self, home: Path, factory: str) -> Callable[[str], Place]:
        def place(name: str) -> Place:
            folder = home / name
            return Place(
                section="tested",
                factory=f"{factory}-{name}",
                logs=str(folder / "logs"),
                state=str(folder / "state"),
            )

        return place

    @pytest.fixture
    def pilot(self) -> Job:
        return sleeper(max_idle=1, submit=WAITS)


def seen(target: HTCondorTarget) -> Supply:
    """What a reading tells of the queue."""
    supply = target.supply(["ALPHA"])["ALPHA"]
    assert isinstance(supply, Supply)
    return supply


def test_every_reading_counts_the_decision_while_the_schedd_makes_the_pilots(make: Make, pool: Pool) -> None:
    target = make()
    identifiers = target.submit(order(sleeper(max_idle=10, submit=WAITS), 500))
    assert len(set(identifiers)) == 500
    for idle in (10, 50, 200, 350, 500):
        pool.tool("condor_qedit", f"{identifiers[0].split('.')[0]}.-1", "JobMaterializeMaxIdle", str(idle))
        for _ in range(10):
            assert seen(target).pending == 500
    assert until(lambda: len(pool.jobs("true", "ProcId")) == 500)
    assert {f"{ad['ClusterId']}.{ad['ProcId']}" for ad in pool.jobs("true", "ClusterId", "ProcId")} == set(
        identifiers
    )
    assert seen(target).pending == 500
