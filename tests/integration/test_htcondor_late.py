"""Late materialization: pilots that a real schedd has yet to make count, and are retired, like others."""

import contextlib
import json
import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from autopyfactory.clients.condor.options import Job
from autopyfactory.errors import FactoryError
from autopyfactory.model import Order, Place, Supply
from autopyfactory.targets.htcondor import HTCondorTarget, HTCondorTargetOptions
from autopyfactory.testing import TargetContract, until
from pools import Pool

Make = Callable[..., HTCondorTarget]
WAITS = {"requirements": "false"}


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


def cluster_of(identifiers: Sequence[str]) -> str:
    """The cluster of these pilots."""
    return identifiers[0].split(".")[0]


def made(pool: Pool, constraint: str = "true") -> list[str]:
    """The jobs that are in the queue."""
    return [f"{ad['ClusterId']}.{ad['ProcId']}" for ad in pool.jobs(constraint, "ClusterId", "ProcId")]


def test_every_reading_counts_the_decision_while_the_schedd_makes_the_pilots(make: Make, pool: Pool) -> None:
    target = make()
    pilots = target.submit(order(sleeper(max_idle=10, submit=WAITS), 500))
    assert len(set(pilots)) == 500
    for idle in (10, 50, 200, 350, 500):
        pool.tool("condor_qedit", f"{cluster_of(pilots)}.-1", "JobMaterializeMaxIdle", str(idle))
        assert [seen(target).pending for _ in range(10)] == [500] * 10
    assert until(lambda: len(made(pool)) == 500)
    assert sorted(made(pool)) == sorted(pilots)
    assert seen(target).pending == 500


def test_max_idle_paces_and_the_count_decides(make: Make, pool: Pool) -> None:
    target = make()
    target.submit(order(sleeper(submit=WAITS), 7))
    assert until(lambda: len(made(pool)) == 2)
    assert seen(target).pending == 7
    target.submit(order(sleeper(submit=WAITS), 3, "tag-2"))
    assert until(lambda: len(made(pool)) == 4)
    assert seen(target).pending == 10
    assert target.tagged(["tag-1", "tag-2"]) == {"tag-1": 7, "tag-2": 3}


def test_what_is_yet_to_be_made_is_retired_first_and_what_runs_never(
    make: Make, pool: Pool, factory: str
) -> None:
    target = make()
    pilots = target.submit(order(sleeper(), 50))
    assert until(lambda: seen(target).running > 0)
    first = target.retire("ALPHA", 10)
    assert len(first) == 10
    assert seen(target).pilots >= 40  # one that is being made may be told twice, none is left out
    assert until(lambda: seen(target).pilots == 40)
    ours = ["-constraint", f'APF_FACTORY == "{factory}"', "-af", "ProcId"]
    assert pool.tool("condor_history", *ours) == ""  # they never were
    rest = target.retire("ALPHA", 100)
    assert sorted([*first, *rest, *made(pool, "JobStatus == 2")]) == sorted(pilots)
    assert seen(target).pending == 0


def test_a_submission_retired_before_any_pilot_is_made_leaves_nothing(make: Make, pool: Pool) -> None:
    target = make()
    for turn in range(4):
        pilots = target.submit(order(sleeper(submit=WAITS), 20, f"tag-{turn}"))
        assert sorted(target.retire("ALPHA", 100)) == sorted(pilots)
        assert seen(target).pilots == 0
    assert until(lambda: "APF_COUNT" not in pool.tool("condor_q", "-factory", "-long", "-allusers"))


def test_pilots_that_end_or_are_retired_while_others_are_made_are_each_told_once(
    make: Make, pool: Pool, factory: str
) -> None:
    target, dice = make(), random.Random(1)
    pilots = target.submit(order(sleeper(executable="/bin/true", arguments=(), max_idle=8), 120))
    retired: list[str] = []

    def is_over() -> bool:
        retired.extend(target.retire("ALPHA", dice.randint(0, 4)))
        return seen(target).pilots == 0

    assert until(is_over, 120)
    ours = f'APF_FACTORY == "{factory}"'
    words = ["condor_history", "-constraint", f"{ours} && JobStatus == 4", "-af:j", "JobStatus"]
    assert until(lambda: not made(pool, ours))
    ended = [line.split()[0] for line in pool.tool(*words).splitlines()]
    assert sorted([*ended, *retired]) == sorted(pilots)
    assert target.tagged(["tag-1"]) == {"tag-1": 120}


def test_pilots_of_a_paused_cluster_are_held_and_say_why(make: Make, pool: Pool) -> None:
    target = make()
    cluster = cluster_of(target.submit(order(sleeper(submit=WAITS), 9)))
    assert until(lambda: len(made(pool)) == 2)
    pool.tool("condor_hold", cluster, "-reason", "the site asked us to")
    assert (seen(target).pending, seen(target).held) == (0, 9)
    assert "7 held before they are made: " in " ".join(seen(target).troubles)
    pool.tool("condor_release", cluster)
    supply = seen(target)
    assert (supply.pending, supply.held) == (9, 0)
    assert not any("before they are made" in words for words in supply.troubles)
    pool.tool("condor_hold", cluster)
    assert len(target.retire("ALPHA", 9)) == 9
    assert seen(target).held == 0


def test_pilots_of_a_removed_cluster_are_not_waited_for(make: Make, pool: Pool) -> None:
    target = make()
    stays = {**WAITS, "leave_in_queue": "true"}
    cluster = cluster_of(target.submit(order(sleeper(submit=stays), 9)))
    assert until(lambda: len(made(pool)) == 2)
    pool.tool("condor_rm", cluster)
    assert until(lambda: (seen(target).pending, seen(target).retiring) == (0, 2))


def test_a_child_killed_in_a_submission_leaves_all_pilots_or_none(make: Make) -> None:
    target, dice = make(), random.Random(1)
    total = 0
    for turn in range(10):
        target.supply(["ALPHA"])  # so that there is a child, which knows of no cluster before the first
        child = target._connection._clients._open[target._connection.identity]._child
        assert child is not None
        timer = threading.Timer(dice.uniform(0, 0.03), os.kill, (child.pid, signal.SIGKILL))
        timer.start()
        with contextlib.suppress(FactoryError):
            target.submit(order(sleeper(submit=WAITS), 40, f"tag-{turn}"))
        timer.join()
        assert until(lambda: answers(target))
        found = target.tagged([f"tag-{turn}"]).get(f"tag-{turn}", 0)
        assert found in (0, 40)
        total += found
        assert seen(target).pending == total


def answers(target: HTCondorTarget) -> bool:
    """Whether there is a reading; the first one after a death may fail."""
    try:
        seen(target)
    except FactoryError:
        return False
    return True


def test_a_schedd_that_was_killed_and_started_again_counts_the_same(make: Make, pool: Pool) -> None:
    target = make()
    target.submit(order(sleeper(max_idle=5, submit=WAITS), 300))
    assert until(lambda: len(made(pool)) == 5)
    assert len(target.retire("ALPHA", 100)) == 100
    os.kill(pool.pid("condor_schedd"), signal.SIGKILL)
    assert until(lambda: answers(target), 60)
    assert seen(target).pending == 200
    assert target.tagged(["tag-1"]) == {"tag-1": 300}
    assert len(target.retire("ALPHA", 100)) == 100
    assert seen(target).pending == 100


def test_arguments_arrive_as_they_were_written(make: Make, home: Path) -> None:
    program = home / "pilot.py"
    program.write_text(
        "#!/usr/bin/env python3\nimport json, os, sys\nprint(json.dumps([sys.argv[1:], os.environ['X']]))\n"
    )
    program.chmod(0o755)
    words = [
        "two  words",
        "it's",
        "$HOME",
        "$(Cluster)",
        "$$(Cpus)",
        "$$",
        "$$$(x)",
        "$ENV(HOME)",
        'a"b',
        "%(x)s",
    ]
    pilot = sleeper(executable=program, arguments=words, environment={"X": " ".join(words)}, max_idle=1)
    pilots = make().submit(order(pilot, 2))
    folder = home / "logs" / time.strftime("%Y-%m-%d", time.gmtime()) / "ALPHA"
    outputs = [folder / f"{pilot}.out" for pilot in pilots]
    assert until(lambda: all(output.exists() and output.read_text().endswith("\n") for output in outputs), 90)
    assert [json.loads(output.read_text()) for output in outputs] == [[words, " ".join(words)]] * 2
