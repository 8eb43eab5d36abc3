"""Every grid kind at a real schedd: what `render` shows is what the schedd takes, attribute by attribute."""

import json
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import classad2
import pytest

import issuer
from autopyfactory.clients.condor.options import Job
from autopyfactory.model import CredentialType, Order, Place
from autopyfactory.targets.htcondor import HTCondorTarget, HTCondorTargetOptions
from pools import Pool

MACHINE = {"endpoint": "https://ec2.eu-west-1.amazonaws.com", "ami": "ami-1", "instance_type": "m5.xlarge"}
KINDS: dict[str, dict[str, Any]] = {
    "vanilla": {},
    "condor": {"kind": "condor", "host": "ce1.example.org"},
    "condor, all": {
        "kind": "condor",
        "host": "ce1.example.org",
        "port": 9620,
        "schedd": "ce1@pool",
        "queue": "lo ng",
    },
    "condor, pool": {"kind": "condor", "host": "ce1.example.org", "pool": "head.example.org:9618"},
    "arc": {"kind": "arc", "endpoint": "https://arc.example.org:443"},
    "arc, all": {
        "kind": "arc",
        "endpoint": "https://arc.example.org:443/arex/rest/1.0",
        "queue": "a & b",
        "rtes": ["APPS/HEP/ATLAS-SITE-LCG", "ENV/PROXY"],
        "resources": "<Platform>amd64</Platform>",
    },
    **{f"batch {name}": {"kind": "batch", "system": name} for name in ("pbs", "slurm", "lsf", "sge")},
    "batch, all": {
        "kind": "batch",
        "system": "slurm",
        "host": "me@login.example.org:2222",
        "key": "/etc/apf/key",
        "ssh": ["--rgahp-nopass"],
        "queue": "long",
        "project": "physics",
    },
    "ec2": {"kind": "ec2", **MACHINE},
    "ec2, all": {
        "kind": "ec2",
        **MACHINE,
        "keypair": "ops",
        "security_groups": ["pilots", "ssh"],
        "user_data": "pool=$(Cluster) 'x' \"y\"",
        "spot_price": 0.25,
    },
}
COMMANDS = {
    "executable": "Cmd",
    "arguments": "Arguments",
    "initialdir": "Iwd",
    "output": "Out",
    "error": "Err",
    "log": "UserLog",
    "stream_output": "StreamOut",
    "stream_error": "StreamErr",
    "transfer_executable": "TransferExecutable",
    "notification": "JobNotification",
    "environment": "Environment",
    "universe": "JobUniverse",
    "grid_resource": "GridResource",
    "request_cpus": "RequestCpus",
    "request_memory": "RequestMemory",
    "request_disk": "RequestDisk",
    "batch_queue": "BatchQueue",
    "batch_project": "BatchProject",
    "batch_runtime": "BatchRuntime",
    "arc_resources": "ArcResources",
    "arc_rte": "ArcRte",
    "x509userproxy": "x509userproxy",
    "delegate_job_GSI_credentials_lifetime": "DelegateJobGSICredentialsLifetime",
    "scitokens_file": "ScitokensFile",
    "use_scitokens": "UseScitokens",
    "should_transfer_files": "ShouldTransferFiles",
    "ec2_access_key_id": "EC2AccessKeyId",
    "ec2_secret_access_key": "EC2SecretAccessKey",
    "ec2_ami_id": "EC2AmiID",
    "ec2_instance_type": "EC2InstanceType",
    "ec2_keypair": "EC2KeyPair",
    "ec2_security_groups": "EC2SecurityGroups",
    "ec2_user_data": "EC2UserData",
    "ec2_user_data_file": "EC2UserDataFile",
    "ec2_spot_price": "EC2SpotPrice",
}
UNIVERSES = {"vanilla": "5", "grid": "9"}  # the words of the submit language are numbers in the job
CONSTANTS = {"notification": "0"}
UNSAID = {
    "transfer_executable",
    "use_scitokens",
    "stream_output",
    "stream_error",
}  # left out of the job where they change nothing
QUOTED = {"arguments", "environment"}  # quoted in many ways, variables in any order
RULES = {  # expressions, which the schedd writes in its own way
    "periodic_release": "PeriodicRelease",
    "periodic_remove": "PeriodicRemove",
}
HELD = 5
Make = Callable[[str], tuple[HTCondorTarget, Order[Job]]]


@pytest.fixture
def make(other_pool: Pool, home: Path, factory: str) -> Iterator[Make]:
    """A target, and an order of two pilots of a grid kind that are held at once."""
    for name in ("access", "secret", "more"):
        (home / name).write_text("x\n")
    keys = {"access_key_id": str(home / "access"), "secret_access_key": str(home / "secret")}
    proven = {
        CredentialType.X509: issuer.keep(home / "proxy", issuer.RIGHT),
        CredentialType.TOKEN: issuer.keep(home / "token", issuer.token(sub="pilots")),
    }
    place = Place(section="ce", factory=factory, logs=str(home / "logs"), state=str(home), url="http://f1")
    target = HTCondorTarget(HTCondorTargetOptions(config=other_pool.config), place)

    def make(kind: str) -> tuple[HTCondorTarget, Order[Job]]:
        options: dict[str, Any] = {"cores": 4, "memory": "8GB", "submit": {"hold": "true"}}
        words = {"arguments": ["-u", "two words", "it's"], "environment": {"A": "x y"}}
        if kind == "vanilla":
            options |= {"executable": "/bin/sleep", "disk": "1GB", **words}
        elif kind.startswith("ec2"):
            more = {"user_data_file": str(home / "more")} if kind == "ec2, all" else {}
            options["grid"] = {**KINDS[kind], **keys, **more}
        else:
            options |= {"executable": "/bin/sleep", "wall_time": "36h", "grid": KINDS[kind], **words}
        pilot, proofs = Job.model_validate(options), {} if kind.startswith("ec2") else proven
        return target, Order(queue="ALPHA", pilot=pilot, count=2, tag="tag-1", credentials=proofs)

    yield make
    target.close()
    other_pool.clear()


def tree(value: str) -> str:
    """An expression as HTCondor itself writes it; JSON has it as '/Expr(...)/'."""
    return str(classad2.ExprTree(value.removeprefix("/Expr(").removesuffix(")/")))


def expand(value: str, ad: dict[str, Any]) -> str:
    """What the submit language makes of a value."""
    value = value.replace("$(Cluster)", str(ad["clusterid"])).replace("$(Process)", str(ad["procid"]))
    return value.replace("$(DOLLAR)", "$")


def said(name: str, value: str) -> str:
    """A value of the submit language as the job has it."""
    if name in QUOTED:
        return value[1:-1].replace('""', '"')
    return json.loads(value) if name.startswith("+") and value.startswith('"') else value


def write(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def is_in(ad: dict[str, Any], name: str, value: str) -> bool:
    """Whether a job has what a line of its description says."""
    if name == "hold":
        return bool(ad["jobstatus"] == HELD)
    if name in RULES:
        return tree(str(ad[RULES[name].lower()])) == tree(value)
    attribute = (name[1:] if name.startswith("+") else COMMANDS[name]).lower()
    if name in UNSAID and attribute not in ad:
        return True
    constants = {**CONSTANTS, "universe": UNIVERSES.get(value, "")}
    wanted = constants.get(name, expand(said(name, value), ad))
    told = write(ad[attribute])
    if name in QUOTED:
        return sorted(shlex.split(told)) == sorted(shlex.split(wanted))
    return told == wanted


@pytest.mark.parametrize("kind", KINDS)
def test_every_command_that_is_rendered_is_in_the_job_that_the_schedd_took(
    make: Make, other_pool: Pool, factory: str, kind: str
) -> None:
    target, order = make(kind)
    rendered = target.render(order)
    assert len(target.submit(order)) == 2
    lines = rendered.splitlines()
    assert lines.pop() == "queue 2"
    for found in other_pool.jobs(f'APF_FACTORY == "{factory}" && JobStatus == 5'):
        ad = {name.lower(): value for name, value in found.items()}
        for line in lines:
            assert is_in(ad, *line.split(" = ", 1)), line
    assert target.supply(["ALPHA"])["ALPHA"].held == 2


@pytest.mark.parametrize("kind", KINDS)
def test_htcondors_own_tool_makes_the_same_job_of_what_is_rendered(
    make: Make, other_pool: Pool, home: Path, factory: str, kind: str
) -> None:
    target, order = make(kind)
    rendered = target.render(order)
    target.submit(order)
    description = home / "description"
    description.write_text(rendered)
    other_pool.tool("condor_submit", str(description))
    names = [line.split(" = ")[0] for line in rendered.splitlines()[:-1]]
    attributes = {COMMANDS.get(name, name.removeprefix("+")).lower() for name in names}
    ours, theirs = (
        {
            name: write(value).replace(f"{ad['ClusterId']}.", "CLUSTER.")
            for name, value in ad.items()
            if name.lower() in attributes
        }
        for ad in other_pool.jobs(f'APF_FACTORY == "{factory}" && ProcId == 1')
    )
    assert ours == theirs
    assert len(ours) > 20
