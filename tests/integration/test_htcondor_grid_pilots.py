"""Pilots of the target through every kind of grid that can be made to run here, and their outputs back.

How many went through each kind stands at the end of what pytest prints.
"""

import base64
import json
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from autopyfactory.clients.condor.options import Job
from autopyfactory.credentials.file import FileCredential, FileOptions
from autopyfactory.model import CredentialType, Order, Place
from autopyfactory.targets.htcondor import HTCondorTarget, HTCondorTargetOptions
from autopyfactory.testing import until
from grid import IMAGE, Grid
from pools import Pool, open_home

PILOT = """#!/usr/bin/env python3
import json, os, subprocess, sys
job = os.environ.get("SLURM_JOB_ID", "")
told = subprocess.run(["scontrol", "show", "job", job], capture_output=True, text=True).stdout if job else ""
facts = dict(word.split("=", 1) for word in told.split() if "=" in word)
print(json.dumps([sys.argv[1:], dict(os.environ), facts]))
"""
WORDS = ["-u", "two words", "it's"]
PATIENCE = 200.0
PILOTS = 3  # of each queue
VANILLA = "VANILLA"  # the queue whose pilots run where they are submitted
FOREIGN = "FOREIGN"  # the queue whose token the ARC CE does not accept
WAYS = {  # what each queue's pilots go through; the slow ones last
    VANILLA: "a pool of its own (vanilla)",
    "SLURM": "batch slurm",
    "SSH": "batch slurm over ssh",
    "SGE": "batch sge",
    "CONDOR": "condor, to another schedd (Condor-C)",
    "CE_POOL": "condor, a CE to a pool",
    "CE_SLURM": "condor, a CE to Slurm",
    "ARC": "arc",
}
Outputs = dict[str, dict[str, Path]]  # by queue and identifier
Record = Callable[[str, object], None]


def schedd(pool: Pool) -> dict[str, Any]:
    """Another schedd as a grid kind."""
    host, _, port = pool.collector.partition(":")
    return {"kind": "condor", "host": host, "port": int(port), "schedd": pool.schedd}


def write_foreign(token: Path, file: Path) -> str:
    """A token like that one, of an issuer that the CE does not know."""
    head, body, signature = token.read_text().strip().split(".")
    claims = json.loads(base64.urlsafe_b64decode(f"{body}==")) | {"iss": "https://elsewhere.example.org"}
    changed = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    file.write_text(f"{head}.{changed}.{signature}\n")
    file.chmod(0o644)
    return str(file)


def kinds(grid: Grid) -> dict[str, dict[str, Any]]:
    """The options that differ; each needs two cores where a cluster can give them."""
    ssh = ["--rgahp-nokey", "--rgahp-glite", f"{grid.ssh.folder}/glite"]
    return {
        "CONDOR": {"grid": schedd(grid.site)},
        "CE_POOL": {"grid": schedd(grid.pool_ce)},
        "CE_SLURM": {"grid": schedd(grid.slurm_ce)},
        "SLURM": {"grid": {"kind": "batch", "system": "slurm"}, "cores": 2},
        "SSH": {"grid": {"kind": "batch", "system": "slurm", "host": "login", "ssh": ssh}, "cores": 2},
        "SGE": {"grid": {"kind": "batch", "system": "sge"}},
        "ARC": {
            "grid": {"kind": "arc", "endpoint": f"https://localhost:{grid.arc.port}"},
            "cores": 2,
        },
    }


def credentials(grid: Grid, queue: str) -> dict[CredentialType, Path]:
    """The file that the queue `ARC` proves itself with, as the plug-in `file` hands it out."""
    if queue != "ARC":
        return {}
    place = Place(section="token", factory="grid", logs="logs", state="state")
    token = FileCredential(FileOptions(path=grid.arc.token), place)
    return {token.type: token.proof().path}


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A folder whose `logs` the owner of the jobs may write in, with the program of all pilots."""
    with open_home() as home:
        (home / "pilot").write_text(PILOT)
        (home / "pilot").chmod(0o755)
        yield home


def target_at(pool: Pool, home: Path) -> HTCondorTarget:
    """The factory's target at a pool."""
    place = Place(section="s", factory="grid", logs=str(home / "logs"), state=str(home), url="http://f1")
    return HTCondorTarget(HTCondorTargetOptions(config=pool.config), place)


@pytest.fixture(scope="module")
def target(grid: Grid, home: Path) -> Iterator[HTCondorTarget]:
    """At the pool that reaches all and runs nothing itself."""
    with closing(target_at(grid.pool, home)) as target:
        yield target


@pytest.fixture(scope="module")
def outputs(grid: Grid, target: HTCondorTarget, home: Path) -> Iterator[Outputs]:
    """Pilots of each queue, all on their way at once, and the files of their outputs."""
    needs: dict[str, Any] = {"executable": str(home / "pilot"), "arguments": WORDS}
    needs |= {"memory": "64MB", "disk": "1MB", "environment": {"A": "it's so"}}
    ways = {VANILLA: {}, **kinds(grid)}
    bad = {"use_scitokens": "true", "scitokens_file": write_foreign(grid.arc.token, home / "foreign")}
    ways[FOREIGN] = {**ways["ARC"], "submit": bad}
    found = {}
    with closing(target_at(grid.site, home)) as site:
        for queue, options in ways.items():
            grid_only = {} if queue == VANILLA else {"wall_time": "10m"}
            job = Job.model_validate(needs | grid_only | options)
            folder = home / "logs" / time.strftime("%Y-%m-%d", time.gmtime()) / queue
            proofs = credentials(grid, queue)
            order = Order(queue=queue, pilot=job, count=PILOTS, tag=f"tag-{queue}", credentials=proofs)
            identifiers = (site if queue == VANILLA else target).submit(order)
            found[queue] = {identifier: folder / f"{identifier}.out" for identifier in identifiers}
        yield found


@pytest.mark.parametrize("queue", WAYS)
def test_pilots_run_and_their_outputs_come_back(
    outputs: Outputs, queue: str, record_property: Record
) -> None:
    for identifier, output in outputs[queue].items():
        assert until(partial(is_whole, output), PATIENCE), output
        arguments, environment, facts = json.loads(output.read_text())
        assert arguments == WORDS
        assert {
            "A": "it's so",
            "APFCID": identifier,
            "APFFID": "grid",
            "FACTORYQUEUE": queue,
            "PANDA_JSID": "grid",
        }.items() <= environment.items()
        assert environment["GTAG"].endswith(f"/{queue}/{identifier}.out")
        if queue in ("SLURM", "SSH"):
            assert (facts["NumCPUs"], facts["TimeLimit"]) == ("2", "00:10:00")
        record_property("went through", WAYS[queue])


def test_a_token_that_a_ce_does_not_accept_makes_it_look_down_to_its_own_queue_alone(
    outputs: Outputs, target: HTCondorTarget
) -> None:
    assert until(lambda: bool(target.supply([FOREIGN])[FOREIGN].troubles), 60)
    supply = target.supply([FOREIGN, "ARC"])
    assert supply[FOREIGN].troubles[0].startswith(f"{PILOTS} pending for a resource that is down since ")
    assert supply["ARC"].troubles == ()


def is_whole(output: Path) -> bool:
    """Whether a pilot's output is back."""
    return output.exists() and output.read_text().endswith("]\n")


def test_machines_start_and_count_as_running_until_they_are_removed(
    grid: Grid, target: HTCondorTarget, record_property: Record
) -> None:
    machine = {
        "kind": "ec2",
        "endpoint": f"http://ec2.us-east-1.localhost:{grid.ec2.port}/",
        "ami": IMAGE,
        "instance_type": "t2.micro",
        "access_key_id": str(grid.ec2.access_key),
        "secret_access_key": str(grid.ec2.secret_key),
    }
    pilot = Job.model_validate({"grid": machine})
    identifiers = target.submit(Order(queue="EC2", pilot=pilot, count=PILOTS, tag="tag-EC2"))
    assert until(lambda: target.supply(["EC2"])["EC2"].running == PILOTS, PATIENCE)
    grid.pool.tool("condor_rm", *identifiers)
    assert until(lambda: target.supply(["EC2"])["EC2"].pilots == 0, PATIENCE)
    for _ in identifiers:
        record_property("went through", "ec2, a simulated cloud: submission and removal only")
