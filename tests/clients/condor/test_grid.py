"""Grid kinds: how each is told where a pilot goes and what it needs."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from autopyfactory.clients.condor.kinds import KINDS, REPLACED, Grid
from autopyfactory.clients.condor.request import Request

GRID: TypeAdapter[Any] = TypeAdapter(Grid)
NEEDS = Request(cores=8, memory=16 * 2**30, wall_time=timedelta(hours=48))
LEAST = Request(cores=1)
CE = {
    "+Nonessential": "true",
    "+remote_jobuniverse": "5",
    "+remote_ShouldTransferFiles": '"YES"',
    "+remote_WhenToTransferOutput": '"ON_EXIT_OR_EVICT"',
    "+remote_TransferOutput": '""',
}
KEYS = {"access_key_id": "/etc/hostname", "secret_access_key": "/etc/passwd"}
MACHINE = {"endpoint": "https://ec2.eu-west-1.amazonaws.com", "ami": "ami-1", "instance_type": "m5.xlarge"}


def slots(cores: int) -> str:
    numbers = f"<NumberOfSlots>{cores}</NumberOfSlots><SlotsPerHost>{cores}</SlotsPerHost>"
    return f"<SlotRequirement>{numbers}</SlotRequirement>"


def tasks(cores: int) -> dict[str, str]:
    return {"+NodeNumber": str(cores), "+SMPGranularity": str(cores)}


RESOURCES = [
    ({"kind": "condor", "host": "ce1.example.org"}, "condor ce1.example.org ce1.example.org:9619"),
    ({"kind": "condor", "host": "pool", "port": 9618, "schedd": "a@pool"}, "condor a@pool pool:9618"),
    ({"kind": "condor", "host": "ce", "pool": "head.example.org:9618"}, "condor ce head.example.org:9618"),
    ({"kind": "arc", "endpoint": "https://arc.example.org:443"}, "arc https://arc.example.org:443"),
    *(({"kind": "batch", "system": name}, f"batch {name}") for name in ("pbs", "slurm", "lsf", "sge")),
    ({"kind": "batch", "system": "slurm", "host": "me@login"}, "batch slurm me@login"),
    (
        {"kind": "batch", "system": "pbs", "host": "me@login:2222", "key": "/k", "ssh": ["--rgahp-nopass"]},
        "batch pbs me@login:2222 --rgahp-key /k --rgahp-nopass",
    ),
    ({"kind": "ec2", **MACHINE, **KEYS}, "ec2 https://ec2.eu-west-1.amazonaws.com"),
]


@pytest.mark.parametrize(("table", "resource"), RESOURCES)
def test_every_kind_names_its_resource(table: dict[str, Any], resource: str) -> None:
    assert GRID.validate_python(table).resource == resource


COMMANDS = [
    ({"kind": "condor", "host": "ce"}, LEAST, {**CE, "request_cpus": "1", "+xcount": "1"}),
    (
        {"kind": "condor", "host": "ce", "queue": "long"},
        NEEDS,
        {
            **CE,
            "request_cpus": "8",
            "request_memory": "16384",
            "+remote_queue": '"long"',
            "+xcount": "8",
            "+maxMemory": "16384",
            "+maxWallTime": "2880",
        },
    ),
    (
        {"kind": "arc", "endpoint": "https://arc"},
        LEAST,
        {"+Nonessential": "true", "arc_resources": slots(1)},
    ),
    (
        {
            "kind": "arc",
            "endpoint": "https://arc",
            "queue": "a<b",
            "rtes": ["APPS/HEP/ATLAS-SITE-LCG", "ENV/PROXY USE_DELEGATION_DB"],
            "resources": "<Platform>amd64</Platform>",
        },
        NEEDS,
        {
            "+Nonessential": "true",
            "arc_resources": f"<QueueName>a&lt;b</QueueName>{slots(8)}"
            "<IndividualPhysicalMemory>2147483648</IndividualPhysicalMemory>"
            "<WallTime>172800</WallTime><TotalCPUTime>1382400</TotalCPUTime><Platform>amd64</Platform>",
            "arc_rte": "APPS/HEP/ATLAS-SITE-LCG,ENV/PROXY USE_DELEGATION_DB",
        },
    ),
    ({"kind": "batch", "system": "lsf"}, LEAST, {"request_cpus": "1", **tasks(1)}),
    (
        {"kind": "batch", "system": "slurm", "queue": "long", "project": "physics"},
        NEEDS,
        {
            "request_cpus": "8",
            "request_memory": "16384",
            **tasks(8),
            "batch_queue": "long",
            "batch_project": "physics",
            "batch_runtime": "172800",
        },
    ),
    (
        {"kind": "ec2", **MACHINE, **KEYS},
        LEAST,
        {
            "request_cpus": "1",
            "transfer_executable": "false",
            "ec2_access_key_id": "/etc/hostname",
            "ec2_secret_access_key": "/etc/passwd",
            "ec2_ami_id": "ami-1",
            "ec2_instance_type": "m5.xlarge",
        },
    ),
    (
        {
            "kind": "ec2",
            **MACHINE,
            **KEYS,
            "keypair": "ops",
            "security_groups": ["pilots", "ssh"],
            "user_data": "pool=$HOME",
            "user_data_file": "/etc/hosts",
            "spot_price": 0.25,
        },
        NEEDS,
        {
            "request_cpus": "8",
            "transfer_executable": "false",
            "ec2_access_key_id": "/etc/hostname",
            "ec2_secret_access_key": "/etc/passwd",
            "ec2_ami_id": "ami-1",
            "ec2_instance_type": "m5.xlarge",
            "ec2_keypair": "ops",
            "ec2_security_groups": "pilots,ssh",
            "ec2_user_data": "pool=$(DOLLAR)HOME",
            "ec2_user_data_file": "/etc/hosts",
            "ec2_spot_price": "0.250000",
        },
    ),
]


@pytest.mark.parametrize(("table", "request_", "commands"), COMMANDS)
def test_every_kind_is_told_in_its_own_words(
    table: dict[str, Any], request_: Request, commands: dict[str, str]
) -> None:
    assert GRID.validate_python(table).commands(request_) == commands


@pytest.mark.parametrize(
    ("table", "name", "value"),
    [
        ({"kind": "condor", "host": "ce"}, "+maxWallTime", "2"),
        ({"kind": "condor", "host": "ce"}, "+maxMemory", "1"),
        ({"kind": "batch", "system": "slurm"}, "batch_runtime", "120"),
        ({"kind": "batch", "system": "slurm"}, "request_memory", "1"),
    ],
)
def test_what_is_asked_for_is_rounded_up(table: dict[str, Any], name: str, value: str) -> None:
    request = Request(cores=3, memory=1, wall_time=timedelta(seconds=61))
    assert GRID.validate_python(table).commands(request)[name] == value


def test_arc_counts_memory_by_core_and_rounds_it_up() -> None:
    request = Request(cores=3, memory=10, wall_time=timedelta(seconds=1.5))
    told = GRID.validate_python({"kind": "arc", "endpoint": "https://a"}).commands(request)["arc_resources"]
    assert "<IndividualPhysicalMemory>4<" in told
    assert "<WallTime>2</WallTime><TotalCPUTime>6<" in told


BAD = [
    ({"kind": "condor"}, "host"),
    ({"kind": "condor", "host": ""}, "at least 1 character"),
    ({"kind": "condor", "host": "ce x"}, "is no name"),
    ({"kind": "condor", "host": "ce\nqueue 5"}, "is no name"),
    ({"kind": "condor", "host": "ce", "port": 0}, "greater than or equal to 1"),
    ({"kind": "condor", "host": "ce", "port": 65536}, "less than or equal to 65535"),
    ({"kind": "condor", "host": "ce", "queue": "a\nb"}, "line break"),
    ({"kind": "condor", "host": "ce", "endpoint": "x"}, "Extra inputs"),
    ({"kind": "arc", "endpoint": "arc.example.org"}, "is no URL, such as"),
    ({"kind": "arc", "endpoint": "https://"}, "is no URL, such as"),
    ({"kind": "arc", "endpoint": "https://a", "rtes": ["A,B"]}, "is no runtime environment"),
    ({"kind": "arc", "endpoint": "https://a", "rtes": ["A\nB"]}, "line break"),
    ({"kind": "arc", "endpoint": "https://a", "resources": "<A/>\n"}, "line break"),
    ({"kind": "arc", "endpoint": "https://a", "resources": "<A/>\\"}, "backslash"),
    ({"kind": "batch", "system": "torque"}, "Input should be 'pbs', 'slurm', 'lsf' or 'sge'"),
    ({"kind": "batch", "system": "pbs", "host": "me@a b"}, "is no place to log in to"),
    ({"kind": "batch", "system": "pbs", "host": "-oProxyCommand=x"}, "is no place to log in to"),
    ({"kind": "batch", "system": "pbs", "key": "/k"}, "host is missing"),
    ({"kind": "batch", "system": "pbs", "project": "a b"}, "is no name"),
    ({"kind": "ec2", **MACHINE, **KEYS, "access_key_id": "/no/such/key"}, "'/no/such/key' does not exist"),
    ({"kind": "ec2", **MACHINE, **KEYS, "user_data": "a\nb"}, "line break"),
    ({"kind": "ec2", **MACHINE, **KEYS, "spot_price": 0}, "greater than 0"),
    ({"host": "ce"}, "kind is missing; there are: arc, batch, condor, ec2"),
    ({"kind": "azure"}, "'azure' is no grid kind; there are: arc, batch, condor, ec2"),
    ({"kind": ["arc"]}, "is no grid kind; did you mean 'arc'"),
    ({"kind": "Condr"}, "'Condr' is no grid kind; did you mean 'condor'"),
    ("condor", "dictionary"),
]


@pytest.mark.parametrize(("table", "words"), BAD)
def test_what_cannot_work_is_refused(table: Any, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        GRID.validate_python(table)


@pytest.mark.parametrize(
    ("kind", "successor"),
    [
        ("gt2", "condor"),
        ("gt5", "condor"),
        ("cream", "condor"),
        ("cream", "arc"),
        ("nordugrid", "arc"),
        ("deltacloud", "ec2"),
        *((name, "batch") for name in ("pbs", "slurm", "lsf", "sge")),
    ],
)
def test_extinct_kinds_are_refused_with_what_replaced_them(kind: str, successor: str) -> None:
    assert successor in KINDS
    with pytest.raises(ValidationError, match=f"'{kind}' is no grid kind of today's.*kind = '{successor}'"):
        GRID.validate_python({"kind": kind, "gridresource": "x"})


def test_no_kind_is_both_there_and_extinct() -> None:
    assert REPLACED.keys().isdisjoint(KINDS)


@pytest.mark.parametrize(("table", "_"), RESOURCES)
def test_all_that_is_told_stays_on_one_line_and_can_be_hashed(table: dict[str, Any], _: str) -> None:
    grid = GRID.validate_python(table)
    assert hash(grid) == hash(GRID.validate_python(table))
    assert not any("\n" in value for value in grid.commands(NEEDS).values())


def test_files_of_keys_are_taken_as_they_are_written(tmp_path: Path) -> None:
    key = tmp_path / "a $key"
    key.touch()
    table = {"kind": "ec2", **MACHINE, **KEYS, "access_key_id": str(key)}
    told = GRID.validate_python(table).commands(LEAST)
    assert told["ec2_access_key_id"] == str(key).replace("$", "$(DOLLAR)")
