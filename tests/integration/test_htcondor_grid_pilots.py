"""A pilot of the target through every kind of grid that can be made to run here, and its output back."""

import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autopyfactory.clients.condor.options import Job
from autopyfactory.model import Order, Place
from autopyfactory.targets.htcondor import HTCondorTarget, HTCondorTargetOptions
from grid import IMAGE, Grid
from plugged import until
from pools import Pool

PILOT = """#!/usr/bin/env python3
import json, os, subprocess, sys
job = os.environ.get("SLURM_JOB_ID", "")
told = subprocess.run(["scontrol", "show", "job", job], capture_output=True, text=True).stdout if job else ""
facts = dict(word.split("=", 1) for word in told.split() if "=" in word)
print(json.dumps([sys.argv[1:], dict(os.environ), facts]))
"""
WORDS = ["-u", "two words", "it's"]
PATIENCE = 200.0
Outputs = dict[str, tuple[str, Path]]


def schedd(pool: Pool) -> dict[str, Any]:
    """Another schedd as a grid kind."""
    host, _, port = pool.collector.partition(":")
    return {"kind": "condor", "host": host, "port": int(port), "schedd": pool.schedd}


def kinds(grid: Grid) -> dict[str, dict[str, Any]]:
    """The options that differ; each needs two cores where a cluster can give them."""
    ssh = ["--rgahp-nokey", "--rgahp-glite", f"{grid.ssh.folder}/glite"]
    token = {"use_scitokens": "true", "scitokens_file": str(grid.arc.token)}
    return {
        "CONDOR": {"grid": schedd(grid.site)},
        "CE_POOL": {"grid": schedd(grid.pool_ce)},
        "CE_SLURM": {"grid": schedd(grid.slurm_ce)},
        "SLURM": {"grid": {"kind": "batch", "system": "slurm"}, "cores": 2},
        "SSH": {"grid": {"kind": "batch", "system": "slurm", "host": "login", "ssh": ssh}, "cores": 2},
        "SGE": {"grid": {"kind": "batch", "system": "sge"}},
        "ARC": {
            "grid": {"kind": "arc", "endpoint": f"https://localhost:{grid.arc.port}"},
            "submit": token,
            "cores": 2,
        },
    }


@pytest.fixture(scope="module")
def target(grid: Grid) -> Iterator[HTCondorTarget]:
    """A factory's target at the pool that reaches all."""
    home = Path(tempfile.mkdtemp(prefix="apf-grid-"))
    home.chmod(0o755)
    (home / "logs").mkdir()
    (home / "logs").chmod(0o1777)
    place = Place(section="s", factory="grid", logs=str(home / "logs"), state=str(home), url="http://f1")
    target = HTCondorTarget(HTCondorTargetOptions(config=grid.pool.config), place)
    yield target
    target.close()
    shutil.rmtree(home)


@pytest.fixture(scope="module")
def outputs(grid: Grid, target: HTCondorTarget) -> Outputs:
    """One pilot of each kind, all on their way at once: its identifier and the file of its output."""
    home = Path(target._place.logs).parent
    pilot = home / "pilot"
    pilot.write_text(PILOT)
    pilot.chmod(0o755)
    needs: dict[str, Any] = {"executable": str(pilot), "arguments": WORDS, "memory": "64MB", "disk": "1MB"}
    needs |= {"wall_time": "10m", "environment": {"A": "it's so"}}
    found = {}
    for queue, options in kinds(grid).items():
        job = Job.model_validate(needs | options)
        day = time.strftime("%Y-%m-%d", time.gmtime())
        (identifier,) = target.submit(Order(queue=queue, pilot=job, count=1, tag=f"tag-{queue}"))
        found[queue] = (identifier, home / "logs" / day / queue / f"{identifier}.out")
    return found


@pytest.mark.parametrize("queue", ["SLURM", "SSH", "SGE", "CONDOR", "CE_POOL", "CE_SLURM", "ARC"])
def test_a_pilot_runs_and_its_output_comes_back(outputs: Outputs, queue: str) -> None:
    identifier, output = outputs[queue]
    assert until(lambda: output.exists() and output.read_text().endswith("]\n"), PATIENCE)
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


def test_a_machine_starts_counts_as_running_until_it_is_removed(grid: Grid, target: HTCondorTarget) -> None:
    machine = {
        "kind": "ec2",
        "endpoint": f"http://ec2.us-east-1.localhost:{grid.ec2.port}/",
        "ami": IMAGE,
        "instance_type": "t2.micro",
        "access_key_id": str(grid.ec2.access_key),
        "secret_access_key": str(grid.ec2.secret_key),
    }
    order = Order(queue="EC2", pilot=Job.model_validate({"grid": machine}), count=1, tag="tag-EC2")
    (identifier,) = target.submit(order)
    assert until(lambda: target.supply(["EC2"])["EC2"].running == 1, PATIENCE)
    grid.pool.tool("condor_rm", identifier)
    assert until(lambda: target.supply(["EC2"])["EC2"].pilots == 0, PATIENCE)
