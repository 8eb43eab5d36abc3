"""One job through each kind of grid, with HTCondor's own tools alone: what the plug-in has to bring about."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autopyfactory.testing import until
from grid import IMAGE, Grid

PILOT = "#!/bin/sh\necho pilot $1 in $PILOT_KIND\nexit 0\n"
PATIENCE = 150.0
STARTED, ENDED = "\n001 (", "\n005 ("
Commands = dict[str, str]

RESOURCES: dict[str, Callable[[Grid], Commands]] = {
    "condor": lambda grid: {"grid_resource": grid.condor(grid.site), "My_remote_universe": "5"},
    "ce-pool": lambda grid: {"grid_resource": grid.condor(grid.pool_ce), "My_remote_universe": "5"},
    "ce-slurm": lambda grid: {"grid_resource": grid.condor(grid.slurm_ce), "My_remote_universe": "5"},
    "slurm": lambda grid: {"grid_resource": grid.slurm.grid_resource},
    "sge": lambda grid: {"grid_resource": grid.sge.grid_resource},
    "ssh": lambda grid: {"grid_resource": grid.ssh.grid_resource},
    "arc": lambda grid: {
        "grid_resource": grid.arc.grid_resource,
        "use_scitokens": "true",
        "scitokens_file": str(grid.arc.token),
    },
    "arc-proxy": lambda grid: {
        "grid_resource": grid.arc.grid_resource,
        "x509userproxy": str(grid.arc.proxy),
    },
}


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Where outputs come back to; the owner of the jobs may write there."""
    made = Path(tempfile.mkdtemp(prefix="apf-grid-"))
    made.chmod(0o1777)
    pilot = made / "pilot"
    pilot.write_text(PILOT)
    pilot.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def clusters(grid: Grid, folder: Path) -> dict[str, int]:
    """The cluster of each job by its kind; all are on their way before anybody waits for one."""
    submitted = {}
    for kind, commands in RESOURCES.items():
        submitted[kind] = grid.pool.submit(
            universe="grid",
            executable=str(folder / "pilot"),
            arguments="one",
            environment=f'"PILOT_KIND={kind}"',
            output=str(folder / f"{kind}.out"),
            error=str(folder / f"{kind}.err"),
            log=str(folder / f"{kind}.log"),
            should_transfer_files="yes",
            when_to_transfer_output="on_exit",
            **commands(grid),
        )
    submitted["ec2"] = grid.pool.submit(
        universe="grid",
        executable="an-instance",
        grid_resource=grid.ec2.grid_resource,
        ec2_access_key_id=str(grid.ec2.access_key),
        ec2_secret_access_key=str(grid.ec2.secret_key),
        ec2_ami_id=IMAGE,
        ec2_instance_type="t2.micro",
        log=str(folder / "ec2.log"),
    )
    return submitted


def test_an_instance_in_the_cloud_runs_until_its_job_is_removed(
    grid: Grid, clusters: dict[str, int], folder: Path
) -> None:
    assert happens(STARTED, folder / "ec2.log"), story(grid, clusters["ec2"])
    (name,) = (one for one, state in grid.ec2.instances().items() if state != "terminated")
    assert grid.ec2.instances()[name] == "running"
    grid.pool.tool("condor_rm", str(clusters["ec2"]))
    assert until(lambda: grid.ec2.instances()[name] == "terminated", PATIENCE)


@pytest.mark.parametrize("kind", RESOURCES)
def test_a_job_runs_there_and_its_output_comes_back(
    grid: Grid, clusters: dict[str, int], folder: Path, kind: str
) -> None:
    assert happens(ENDED, folder / f"{kind}.log"), story(grid, clusters[kind])
    assert (folder / f"{kind}.out").read_text() == f"pilot one in {kind}\n"


def test_a_schedd_reads_the_vo_in_a_proxy(grid: Grid) -> None:
    cluster = grid.pool.submit(x509userproxy=str(grid.arc.proxy), hold="true")
    (job,) = grid.pool.jobs(f"ClusterId == {cluster}", "x509UserProxyVOName", "x509UserProxyFirstFQAN")
    assert job["x509UserProxyVOName"] == "testvo"
    assert job["x509UserProxyFirstFQAN"] == "/testvo/Role=pilot/Capability=NULL"


def happens(event: str, log: Path) -> bool:
    """Whether an event comes to be in a job's log."""
    return until(lambda: event in log.read_text(), PATIENCE)


def story(grid: Grid, cluster: int) -> str:
    """What tells why a job did not get on."""
    wanted = f"ClusterId == {cluster}"
    return str(grid.pool.jobs(wanted, "JobStatus", "HoldReason", "GridJobId", "GridResourceUnavailableTime"))
