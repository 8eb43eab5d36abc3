"""Pilots in trouble at a real schedd: held, short, pending too long; and how they ended, each told once."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autopyfactory.clients.condor.client import Connection
from autopyfactory.clients.condor.options import Job
from autopyfactory.errors import Unavailable
from autopyfactory.model import Observation, Order, Place, Supply
from autopyfactory.policies.throttle import Throttle
from autopyfactory.targets.htcondor import HTCondorTarget, HTCondorTargetOptions
from autopyfactory.testing import until
from pools import FEW, Pool, open_home, up

Make = Callable[..., HTCondorTarget]
SMALL = {"memory": "1MB", "disk": "1MB"}
NEVER = {"requirements": "false"}
NO_FOLDER = {"output": "/no/such/folder/output"}
NO_OUTPUT = {"should_transfer_files": "yes", "+TransferOutput": '"no_such_file"'}
QUICK_RULES = "PERIODIC_EXPR_INTERVAL = 1\nMAX_PERIODIC_EXPR_INTERVAL = 2\n"
QUICK: dict[str, Any] = {"releases": 1, "release_after": "1s"}


@pytest.fixture(scope="module")
def quick_pool() -> Iterator[Pool]:
    """A pool whose schedd looks at the rules of its jobs every second."""
    with up(Pool("poolQ", extra=QUICK_RULES)) as pool:
        yield pool


@pytest.fixture(scope="module", autouse=True)
def forsaken() -> Iterator[Pool]:
    """Another such pool, with a pilot that is held again and again, and whose factory went down long ago."""
    with up(Pool("poolF", daemons=FEW, extra=QUICK_RULES)) as pool, open_home() as home:
        place = Place(section="ce", factory="forsaken", logs=str(home / "logs"), state=str(home))
        target = HTCondorTarget(HTCondorTargetOptions(config=pool.config), place)
        start(target, 1, "bad", release_after="1s", submit={"periodic_hold": "JobStatus == 1"})
        target.close()
        yield pool


@pytest.fixture
def make(quick_pool: Pool, home: Path, factory: str) -> Iterator[Make]:
    """Makes targets of one factory, and clears the queue afterwards."""
    made: list[HTCondorTarget] = []

    def make(**options: Any) -> HTCondorTarget:
        section = HTCondorTargetOptions.model_validate({"config": quick_pool.config, **options})
        place = Place(section="ce", factory=factory, logs=str(home / "logs"), state=str(home / "state"))
        made.append(HTCondorTarget(section, place))
        return made[-1]

    yield make
    for target in made:
        target.close()
    quick_pool.clear()


def start(target: HTCondorTarget, count: int, tag: str, **options: Any) -> None:
    """Submit pilots to queue ALPHA that end at once, unless `options` say otherwise."""
    pilot = Job.model_validate({"executable": "/bin/true", **SMALL, **options})
    target.submit(Order(queue="ALPHA", pilot=pilot, count=count, tag=tag))


def seen(target: HTCondorTarget) -> Supply:
    """What a reading tells of queue ALPHA."""
    supply = target.supply(["ALPHA"])["ALPHA"]
    assert isinstance(supply, Supply)
    return supply


def shows(target: HTCondorTarget, question: Callable[[Supply], object], seconds: float = 60) -> Supply:
    """The first reading for which `question` holds."""
    found: list[Supply] = []

    def holds() -> bool:
        found.append(seen(target))
        return bool(question(found[-1]))

    assert until(holds, seconds), found[-1]
    return found[-1]


def ended(supply: Supply) -> int:
    """How many ended pilots a reading tells of."""
    assert supply.ended is not None
    return len(supply.ended)


def tells_of(count: int) -> Callable[[Supply], bool]:
    """Whether a reading tells of so many ended pilots."""
    return lambda supply: ended(supply) == count


def test_held_pilots_are_explained_released_and_given_up(make: Make, quick_pool: Pool, factory: str) -> None:
    target, ours = make(), f'APF_FACTORY == "{factory}"'
    start(target, 1, "bad", submit=NO_FOLDER, **QUICK)
    held = shows(target, lambda supply: supply.troubles)
    assert held.troubles[0].startswith("1 held: code 7 (cannot open output): ")
    assert "/no/such/folder/output" in held.troubles[0]
    told = shows(target, ended, 120)
    assert told.ended is not None
    assert told.ended[0].reason == "The job attribute PeriodicRemove"
    (line,) = quick_pool.tool("condor_history", "-constraint", ours, "-af", "NumHolds").splitlines()
    assert int(line) == QUICK["releases"] + 1


def test_the_second_hold_lasts_longer_than_the_first(make: Make, quick_pool: Pool, home: Path) -> None:
    target = make()
    start(target, 1, "bad", submit=NO_OUTPUT, releases=2, release_after="3s")
    shows(target, ended, 90)
    (log,) = (home / "logs").glob("*/ALPHA/*.log")
    holds, releases = moments(log, "012"), moments(log, "013")
    assert len(holds) == 3
    assert len(releases) == 2
    first, second = (release - hold for hold, release in zip(holds, releases, strict=False))
    assert first >= 3
    assert second >= 6


def moments(log: Path, event: str) -> list[float]:
    """When events of one kind happened, by a job's log: '012 (1.0.0) 2026-01-31 12:00:00 Job was held.'"""
    lines = [line.split() for line in log.read_text().splitlines() if line.startswith(f"{event} (")]
    return [time.mktime(time.strptime(f"{words[2]} {words[3]}", "%Y-%m-%d %H:%M:%S")) for words in lines]


def test_a_hold_by_a_user_is_the_users_to_end(make: Make, quick_pool: Pool, factory: str) -> None:
    target = make()
    start(target, 1, "user", submit=NEVER, held_for="1s", **QUICK)
    start(target, 1, "bad", submit=NO_OUTPUT, releases=0, held_for="1s")
    quick_pool.tool("condor_hold", "-constraint", f'APF_FACTORY == "{factory}" && APF_TAG == "user"')
    shows(target, ended)  # the other one is given up meanwhile
    supply = seen(target)
    assert (supply.held, supply.pending) == (1, 0)
    assert supply.troubles[0].startswith("1 held: code 1 (held by a user)")


def test_a_pilot_that_waits_too_long_makes_room_and_is_no_short_one(make: Make) -> None:
    target = make()
    start(target, 2, "waits", submit=NEVER, pending_for="2s")
    start(target, 1, "stays", submit=NEVER)
    supply = shows(target, lambda supply: supply.pending == 1 and supply.troubles)
    assert supply.troubles == ("2 gave up in the last hour without having run",)
    assert supply.ended == ()


def test_throttle_sees_short_pilots_until_longer_ones_outnumber_them(make: Make) -> None:
    target, throttle = make(), Throttle()
    assert throttle(50, Observation(supply=seen(target))) == 50
    start(target, 3, "short")
    supply = shows(target, lambda supply: ended(supply) == 3)
    assert throttle(50, Observation(supply=supply)) == 1
    assert supply.ended is not None
    assert {pilot.reason for pilot in supply.ended} == {"exit code 0"}
    assert all(abs(pilot.end - time.time()) < 60 for pilot in supply.ended)
    start(target, 1, "long", executable="/bin/sleep", arguments=["3"])
    supply = shows(target, lambda supply: ended(supply) == 4)
    assert supply.ended is not None
    assert max(pilot.run_time for pilot in supply.ended) >= 2
    assert [pilot.end for pilot in supply.ended] == sorted(pilot.end for pilot in supply.ended)


def test_pilots_that_we_retire_are_none_that_ended_badly(make: Make) -> None:
    target = make(peaceful=False)
    start(target, 2, "runs", executable="/bin/sleep", arguments=["600"])
    shows(target, lambda supply: supply.running == 2)
    assert len(target.retire("ALPHA", 2)) == 2
    start(target, 1, "short")
    supply = shows(target, lambda supply: supply.pilots == 0 and ended(supply))
    assert ended(supply) == 1


def test_each_end_is_told_once_also_when_the_child_dies_in_between(make: Make) -> None:
    target = make()
    for batch in range(1, 5):
        start(target, 3, f"batch-{batch}")
        shows(target, tells_of(3 * batch))
        kill_child(target._connection)
        assert until(lambda: answers(target))
    assert ended(seen(target)) == 12
    later = make()
    assert ended(seen(later)) == 12
    assert seen(later).ended == seen(target).ended


def answers(target: HTCondorTarget) -> bool:
    """Whether there is a reading again; the first one after a death may fail."""
    try:
        seen(target)
    except Unavailable:
        return False
    return True


def kill_child(connection: Connection) -> None:
    """Let the child of a connection die as if it had crashed."""
    child = connection._clients._open[connection.identity]._child
    assert child is not None
    os.kill(child.pid, signal.SIGKILL)


def test_a_factory_sees_only_its_own_ends(make: Make, quick_pool: Pool) -> None:
    cluster = quick_pool.submit(2, executable="/bin/true", arguments="", My_MATCH_APF_QUEUE='"ALPHA"')
    assert until(lambda: not quick_pool.jobs(f"ClusterId == {cluster}", "ProcId"))
    assert seen(make()).ended == ()
    assert ended(seen(make(count="all"))) >= 2


def test_a_schedd_without_history_has_supply_all_the_same_and_stops_the_flood(
    make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    with up(Pool("poolN", daemons=FEW, extra="HISTORY =\n")) as pool:
        target = make(config=pool.config)
        start(target, 2, "waits", submit=NEVER)
        for _ in range(3):
            supply = seen(target)
        assert (supply.pending, supply.ended) == (2, None)
        assert "HISTORY undefined" in supply.troubles[0]
        assert Throttle()(50, Observation(supply=supply)) == 1
        assert len([said for said in caplog.messages if "cannot be read" in said]) == 1
        target.close()


def test_where_the_history_is_switched_off_nobody_asks_for_it(make: Make) -> None:
    target = make(history=False)
    start(target, 1, "short")
    supply = shows(target, lambda supply: supply.pilots == 0)
    assert (target.gives, supply.ended, supply.troubles) == (frozenset(), (), ())


def test_a_resource_that_is_down_is_named(make: Make) -> None:
    target = make()
    start(target, 2, "grid", grid={"kind": "condor", "host": "127.0.0.1", "port": 1})
    supply = shows(target, lambda supply: supply.troubles, 120)
    assert supply.pending == 2
    assert supply.troubles[0].startswith("2 pending for a resource that is down since 2")
    assert supply.troubles[0].endswith(": condor 127.0.0.1 127.0.0.1:1")


def test_a_schedd_without_its_factory_releases_ten_times_and_removes_at_the_eleventh_hold(
    forsaken: Pool,
) -> None:
    assert until(lambda: not forsaken.jobs("true", "ProcId"), 150), forsaken.jobs("true", "NumHolds")
    (line,) = forsaken.tool("condor_history", "-af", "NumHolds", "RemoveReason").splitlines()
    holds, _, reason = line.partition(" ")
    assert int(holds) == 11
    assert "PeriodicRemove" in reason
