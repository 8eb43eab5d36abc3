"""HTCondor that hangs: the call ends at its deadline, and nobody else notices."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autopyfactory.clients.condor.client import Connection
from autopyfactory.clients.condor.identity import Identity
from autopyfactory.clients.condor.options import Job
from autopyfactory.errors import Unavailable
from autopyfactory.model import Order, Place
from autopyfactory.targets.htcondor import HTCondorTarget, HTCondorTargetOptions
from autopyfactory.testing import until
from pools import Pool

Make = Callable[..., HTCondorTarget]


@pytest.fixture
def make(pool: Pool, other_pool: Pool, home: Path, factory: str) -> Iterator[Make]:
    made: list[HTCondorTarget] = []
    place = Place(section="ce", factory=factory, logs=str(home / "logs"), state=str(home / "state"))

    def make(at: Pool, timeout: float = 1.0, **options: Any) -> HTCondorTarget:
        section = HTCondorTargetOptions.model_validate({"config": at.config, "timeout": timeout, **options})
        made.append(HTCondorTarget(section, place))
        return made[-1]

    yield make
    for target in made:
        target.close()
    for used in (pool, other_pool):
        used.clear()


def order(count: int, tag: str) -> Order[Job]:
    pilot = Job.model_validate({"executable": "/bin/sleep", "arguments": ["600"], "memory": "1MB"})
    return Order(queue="ALPHA", pilot=pilot, count=count, tag=tag)


def seconds(act: Callable[[], Any]) -> float:
    """How long it takes until `act` is unavailable."""
    began = time.monotonic()
    with pytest.raises(Unavailable):
        act()
    return time.monotonic() - began


def test_a_call_ends_at_its_deadline_and_goes_on_when_the_schedd_does(make: Make, other_pool: Pool) -> None:
    target = make(other_pool)
    target.submit(order(2, "before"))
    with other_pool.stopped():
        with pytest.raises(Unavailable, match=r"tally at the schedd of .*gave no answer within 1 s"):
            target.supply(["ALPHA"])
        assert 0.9 < seconds(lambda: target.supply(["ALPHA"])) < 2
    assert target.supply(["ALPHA"])["ALPHA"].pending == 2


def test_another_pool_is_not_delayed(make: Make, pool: Pool, other_pool: Pool) -> None:
    hanging, healthy = make(other_pool, timeout=2), make(pool, timeout=10)
    hanging.supply(["ALPHA"])
    healthy.supply(["ALPHA"])
    with other_pool.stopped():
        thread = threading.Thread(target=lambda: seconds(lambda: hanging.supply(["ALPHA"])))
        thread.start()
        longest = 0.0
        while thread.is_alive():
            began = time.monotonic()
            healthy.supply(["ALPHA"])
            longest = max(longest, time.monotonic() - began)
        thread.join()
    assert longest < 1


def test_a_submission_to_a_stopped_schedd_is_uncertain_and_then_found(make: Make, other_pool: Pool) -> None:
    target = make(other_pool)
    target.supply(["ALPHA"])
    with other_pool.stopped():
        with pytest.raises(Unavailable, match=r"submit at .* gave no answer") as caught:
            target.submit(order(50, "doubt"))
        assert not caught.value.untouched
    assert until(lambda: target.tagged(["doubt"]) in ({"doubt": 50}, {}))
    # a client that was killed before the commit leaves nothing, one killed after it leaves all
    found = target.tagged(["doubt"]).get("doubt", 0)
    assert target.supply(["ALPHA"])["ALPHA"].pending == found


def test_a_submission_stopped_half_way_leaves_all_or_nothing(make: Make, other_pool: Pool) -> None:
    target = make(other_pool, timeout=3)
    target.supply(["ALPHA"])
    outcomes = set()
    for index, delay in enumerate((0.02, 0.1, 0.3)):
        tag, ends = f"half-{index}", []

        def submit(tag: str = tag, ends: list[object] = ends) -> None:
            try:
                ends.append(len(target.submit(order(3000, tag))))
            except Unavailable as error:
                ends.append(error.untouched)

        thread = threading.Thread(target=submit)
        thread.start()
        threading.Event().wait(delay)
        with other_pool.stopped():
            thread.join()
        assert until(lambda: target.supply(["ALPHA"])["ALPHA"].clock > 0)
        found = target.tagged([tag]).get(tag, 0)
        outcomes.add((ends[0], found))
    assert outcomes <= {(3000, 3000), (False, 0), (False, 3000)}, outcomes


def test_a_collector_that_hangs_leaves_a_submission_surely_undone(make: Make, other_pool: Pool) -> None:
    target = make(other_pool, collector=other_pool.collector)
    with other_pool.stopped("condor_collector"), pytest.raises(Unavailable) as caught:
        target.submit(order(1, "undone"))
    assert caught.value.untouched
    assert target.tagged(["undone"]) == {}


def test_who_waits_behind_a_call_that_is_given_up_hears_at_once(other_pool: Pool) -> None:
    first, second = (Connection(Identity(config=str(other_pool.config))) for _ in range(2))
    first.call("hello", {}, seconds=5)
    ends: dict[str, float] = {}

    def ask(name: str, connection: Connection, limit: float) -> None:
        with pytest.raises(Unavailable) as caught:
            connection.call("hello", {}, seconds=limit)
        ends[name] = time.monotonic()
        assert name == "first" or caught.value.untouched

    with other_pool.stopped():
        threads = [threading.Thread(target=ask, args=("first", first, 1.0))]
        threads[0].start()
        threading.Event().wait(0.2)
        threads.append(threading.Thread(target=ask, args=("second", second, 60.0)))
        threads[1].start()
        for thread in threads:
            thread.join(20)
    first.close()
    second.close()
    assert abs(ends["second"] - ends["first"]) < 0.5


def test_a_close_takes_no_longer_than_a_second(make: Make, other_pool: Pool) -> None:
    target = make(other_pool, timeout=60)
    target.supply(["ALPHA"])
    with other_pool.stopped():
        thread = threading.Thread(target=lambda: seconds(lambda: target.supply(["ALPHA"])))
        thread.start()
        threading.Event().wait(0.2)
        began = time.monotonic()
        target.close()
        thread.join(10)
        assert time.monotonic() - began < 1
    assert not thread.is_alive()


ORPHAN = """
import sys, threading
from autopyfactory.clients.condor.client import CLIENTS, Connection
from autopyfactory.clients.condor.identity import Identity
identity = Identity(config=sys.argv[1])
connection = Connection(identity)
connection.call("hello", {}, seconds=5)
print(CLIENTS.take(identity, connection)._child.pid, flush=True)
sys.stdin.readline()
connection.call("hello", {}, seconds=1)
"""


@pytest.fixture
def parent(other_pool: Pool) -> Iterator[subprocess.Popen[str]]:
    """A process with a child of its own, which makes a call when it is told a line."""
    with subprocess.Popen(
        [sys.executable, "-c", ORPHAN, str(other_pool.config)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        yield parent
        parent.kill()


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()


def test_an_idle_child_ends_with_its_parent(parent: subprocess.Popen[str]) -> None:
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    assert until(lambda: not is_there(child), 5)


def test_a_child_that_hangs_ends_soon_after_its_deadline(
    parent: subprocess.Popen[str], other_pool: Pool
) -> None:
    assert parent.stdout is not None
    assert parent.stdin is not None
    child = int(parent.stdout.readline())
    with other_pool.stopped():
        parent.stdin.write("go\n")
        parent.stdin.flush()
        threading.Event().wait(0.3)
        parent.kill()
        assert is_there(child)
        assert until(lambda: not is_there(child), 10)
