"""Grid resources that are down: named in the report of their queue, and no flood when they come back."""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from autopyfactory.clients.condor.options import Job
from autopyfactory.model import Observation, Order, Place, Supply
from autopyfactory.policies.throttle import Throttle
from autopyfactory.targets.htcondor import HTCondorTarget, HTCondorTargetOptions
from autopyfactory.testing import until
from daemons import apf, daemon, status
from grid import IMAGE, ComputingElement
from pools import FEW, Pool, open_home, up

WAITING, CAP = 4, 7
DOWN_EVENT = "\n026 ("  # Detected Down Grid Resource
Lost = tuple[HTCondorTarget, Path]  # a target, and the folder of its pilots' logs
HEAD = """
[factory]
id = "{factory}"
state = "state"
logs = "logs"

[target.pool]
kind = "htcondor"
config = "{config}"
max_age = "1s"
guard = {{ per_minute = "unlimited" }}

[defaults]
interval = "10s"
target = "pool"
policies = [
    {{ kind = "fixed", count = 100 }},
    {{ kind = "max_pending", limit = {waiting} }},
    {{ kind = "max_to_run", limit = {cap} }},
]

[queue.CE.pilot]
executable = "/bin/sleep"
arguments = ["600"]
memory = "1MB"
disk = "1MB"
grid = {{ kind = "condor", host = "127.0.0.1", port = {port}, schedd = "{schedd}" }}
"""


@pytest.fixture(scope="module")
def submitter() -> Iterator[Pool]:
    """The pool of a factory that hands its pilots on."""
    with up(Pool("handson", daemons=FEW)) as pool:
        yield pool


@pytest.fixture
def ce(pool: Pool) -> Iterator[ComputingElement]:
    """A computing element in front of the pool in which jobs run."""
    try:
        with up(ComputingElement("stoppedce", pool)) as element:
            yield element
    finally:
        pool.clear()


@pytest.fixture
def config(submitter: Pool, ce: ComputingElement, home: Path, factory: str) -> Path:
    """A factory with one queue, which wants a hundred pilots more each cycle and may have few."""
    written = home / "factory.toml"
    port = ce.collector.rpartition(":")[2]
    numbers = {"waiting": WAITING, "cap": CAP}
    written.write_text(
        HEAD.format(factory=factory, config=submitter.config, port=port, schedd=ce.schedd, **numbers)
    )
    return written


def told(config: Path) -> Mapping[str, Any]:
    """The queue as `apf status` has it."""
    return dict(status(config).get("CE") or {"state": "", "report": None})


def supply(config: Path) -> Mapping[str, Any]:
    """The pilots that the last cycle saw."""
    nothing = {"pending": 0, "running": 0, "troubles": []}
    return dict((told(config)["report"] or {}).get("supply") or nothing)


def ever(submitter: Pool, factory: str) -> int:
    """How many pilots the factory ever submitted."""
    ours = ("-constraint", f'APF_FACTORY == "{factory}"', "-af", "GlobalJobId")
    there = submitter.tool("condor_q", "-allusers", *ours).split()
    return len({*there, *submitter.tool("condor_history", *ours).split()})


def asked_at_once(config: Path) -> Mapping[str, Any]:
    """What `apf once` says."""
    answer: Mapping[str, Any] = json.loads(apf("once", config, "CE", "--json").stdout)
    return answer


def test_a_stopped_ce_is_named_within_two_cycles_and_its_return_brings_no_flood(
    config: Path, submitter: Pool, ce: ComputingElement, factory: str
) -> None:
    with daemon(config):
        with ce.down():
            assert until(lambda: told(config)["state"] == "troubled", 60), told(config)
            assert told(config)["report"]["cycle"] <= 1 + 2  # the first one had nothing to look at
            (trouble,) = supply(config)["troubles"]
            assert trouble.startswith(f"{WAITING} pending for a resource that is down since 2")
            assert trouble.endswith(f"condor {ce.schedd} {ce.collector}")
            seen = asked_at_once(config)
            assert f"  trouble: {trouble}" in seen["words"]
            assert (seen["supply"]["pending"], seen["submitted"]) == (WAITING, [])
            assert ever(submitter, factory) == WAITING
        waiting = set[int]()

        def all_run() -> bool:
            waiting.add(supply(config)["pending"])
            return supply(config)["running"] == CAP

        assert until(all_run, 150), told(config)
        assert max(waiting) <= WAITING
        with ce.down():
            assert until(lambda: told(config)["state"] == "troubled", 60), told(config)
            (trouble,) = supply(config)["troubles"]
            assert trouble.startswith(f"{CAP} running, when last heard of, at a resource that is down")
            assert asked_at_once(config)["supply"]["running"] == CAP
        assert until(lambda: told(config)["state"] == "fine", 60), told(config)
        assert ever(submitter, factory) == CAP


MACHINE = {"ami": IMAGE, "instance_type": "t2.micro"}
NOBODY = "no-such-host.invalid"
GONE: dict[str, dict[str, Any]] = {  # grids of each kind that listen nowhere
    "condor, refused": {"kind": "condor", "host": "127.0.0.1", "port": 1},
    "condor, no such name": {"kind": "condor", "host": NOBODY},
    "arc, refused": {"kind": "arc", "endpoint": "https://localhost:1"},
    "arc, no such name": {"kind": "arc", "endpoint": f"https://{NOBODY}"},
    "batch": {"kind": "batch", "system": "slurm"},
    "batch over ssh": {"kind": "batch", "system": "slurm", "host": NOBODY, "ssh": ["--rgahp-nokey"]},
    "ec2, refused": {"kind": "ec2", "endpoint": "http://ec2.us-east-1.localhost:1/", **MACHINE},
    "ec2, no such name": {"kind": "ec2", "endpoint": f"http://ec2.us-east-1.{NOBODY}/", **MACHINE},
}


def pilot_for(grid: dict[str, Any], secret: str) -> Job:
    """A pilot with what its kind needs to be taken; nobody will look at the secret."""
    if grid["kind"] == "ec2":
        return Job.model_validate({"grid": {**grid, "access_key_id": secret, "secret_access_key": secret}})
    token = {"use_scitokens": "true", "scitokens_file": secret} if grid["kind"] == "arc" else {}
    return Job.model_validate({"executable": "/bin/true", "grid": grid, "submit": token})


@pytest.fixture(scope="module")
def lost(submitter: Pool) -> Iterator[Lost]:
    """One pilot for each of `GONE`, all on their way at once, and the target that they belong to."""
    with ExitStack() as stack:
        home = stack.enter_context(open_home())
        secret = home / "secret"
        secret.write_text("e30.e30.\n")  # a token of two empty tables
        secret.chmod(0o644)
        place = Place(section="s", factory="lost", logs=str(home / "logs"), state=str(home))
        target = HTCondorTarget(HTCondorTargetOptions(config=submitter.config), place)
        stack.callback(target.close)
        stack.callback(submitter.clear)
        for number, grid in enumerate(GONE.values()):
            pilot = pilot_for(grid, str(secret))
            target.submit(Order(queue=f"Q{number}", pilot=pilot, count=1, tag=f"tag-{number}"))
        yield target, home / "logs"


@pytest.mark.parametrize("name", GONE)
def test_the_job_itself_tells_of_every_kind_that_is_down_as_soon_as_its_log_does(
    lost: Lost, name: str
) -> None:
    target, logs = lost
    queue = f"Q{list(GONE).index(name)}"
    (log,) = logs.glob(f"*/{queue}/*.log")
    assert until(lambda: DOWN_EVENT in log.read_text(), 120), log.read_text()
    assert until(lambda: bool(target.supply([queue])[queue].troubles), 60)  # asked rarely where it takes long
    (trouble,) = target.supply([queue])[queue].troubles
    resource = log.read_text().partition("GridResource: ")[2].splitlines()[0]
    assert trouble.startswith("1 pending for a resource that is down since ")
    assert trouble.endswith(f": {resource}")


def test_pilots_that_htcondor_itself_drops_are_told_with_its_reason_and_slow_the_queue_down(
    lost: Lost,
) -> None:
    target, _ = lost
    grid = {"kind": "arc", "endpoint": "https://localhost:1"}
    pilot = Job.model_validate({"executable": "/bin/true", "grid": grid})
    target.submit(Order(queue="DROPPED", pilot=pilot, count=2, tag="tag-dropped"))
    assert until(lambda: len(target.supply(["DROPPED"])["DROPPED"].troubles) == 1, 60)
    supply = target.supply(["DROPPED"])["DROPPED"]
    assert isinstance(supply, Supply)
    (trouble,) = supply.troubles
    assert trouble == "2 were removed in the last hour without having run: ARC job has no credentials"
    assert [one.run_time for one in supply.ended or ()] == [0.0, 0.0]
    assert Throttle()(50, Observation(supply=supply)) == 1
