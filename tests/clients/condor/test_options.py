"""The options of sections and pilots: what cannot work is refused with the mend."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from autopyfactory.clients.condor.identity import Identity
from autopyfactory.clients.condor.options import Contact, Job

SLEEP: dict[str, Any] = {"executable": "/bin/sleep"}
ARC: dict[str, Any] = {"kind": "arc", "endpoint": "https://arc.example.org"}
SLURM: dict[str, Any] = {"kind": "batch", "system": "slurm"}
EC2: dict[str, Any] = {
    "kind": "ec2",
    "endpoint": "https://ec2.example.org",
    "ami": "ami-1",
    "instance_type": "m5.xlarge",
    "access_key_id": "/etc/hostname",
    "secret_access_key": "/etc/passwd",
}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"executable": "sleep"}, "'sleep' is no absolute path"),
        ({"executable": "/no/such/wrapper.sh"}, "'/no/such/wrapper.sh' does not exist"),
        ({"executable": "/tmp"}, "'/tmp' does not exist, or is no regular file"),
        ({"executable": "/etc/passwd"}, "'/etc/passwd' is not executable"),
        (SLEEP | {"arguments": ["a\nb"]}, "holds a line break"),
        (SLEEP | {"arguments": ["$(dollar)"]}, "no way to write"),
        (SLEEP | {"environment": {"A B": "1"}}, "'A B' is no name of an environment variable"),
        (SLEEP | {"environment": {"A": "1\r2"}}, "holds a line break"),
        (SLEEP | {"submit": {"x y": "1"}}, "'x y' is no submit command"),
        (SLEEP | {"submit": {"Queue": "5"}}, "'Queue' is no submit command"),
        (SLEEP | {"submit": {"rank": "1\nqueue 5"}}, "holds a line break"),
        (SLEEP | {"submit": {"rank": "1 \\ "}}, "ends with a backslash"),
        (
            SLEEP | {"submit": {"requirements": "Memory = 5"}},
            "requirements = 'Memory = 5' is no ClassAd expr",
        ),
        (SLEEP | {"submit": {"+Kind": "(1"}}, r"is missing at the end"),
        (SLEEP | {"submit": {"MY.apf_factory": '"x"'}}, "the factory knows its pilots"),
        (SLEEP | {"submit": {"+MATCH_APF_QUEUE": '"x"'}}, "the factory knows its pilots"),
        (SLEEP | {"submit": {"+APF_COUNT": "5"}}, "the factory knows its pilots"),
        (SLEEP | {"submit": {"Max_Idle": "5"}}, "'Max_Idle': set the option max_idle instead"),
        (SLEEP | {"submit": {"max_materialize": "5"}}, "set the option max_idle instead"),
        (SLEEP | {"max_idle": 0}, "greater than or equal to 1"),
        (SLEEP | {"memory": "2 gigs"}, "is no size"),
        ({}, "executable is missing; it wants the absolute path"),
        (SLEEP | {"submit": {"Universe": " GRID"}}, r"set the option grid = \{ kind"),
        (SLEEP | {"submit": {"universe": "9"}}, "set the option grid"),
        (
            SLEEP | {"arguments": ["$HOME"], "grid": ARC},
            r"an argument, '\$HOME': grid kind 'arc' cannot pass",
        ),
        (SLEEP | {"environment": {"A": "`x`"}, "grid": ARC}, "variable A, '`x`': grid kind 'arc'"),
        *(
            (SLEEP | {"arguments": ["ok", f"a{part}b"], "grid": SLURM}, "grid kind 'batch' cannot pass on")
            for part in ("$", "`", "&", "(", ")")
        ),
        *(
            (SLEEP | {"environment": {"A": f"a{part}b"}, "grid": SLURM}, "variable A, .* cannot pass on")
            for part in ("$", "`", "&", "(", ")", "\t", '"', "  ")
        ),
        (SLEEP | {"universe": "grid"}, r"wants to know where to: set grid = \{ kind"),
        (SLEEP | {"universe": "vanilla", "grid": ARC}, "exclude each other"),
        (SLEEP | {"universe": "docker"}, "'vanilla' or 'grid'"),
        (SLEEP | {"wall_time": "2d"}, "allowed_execute_duration"),
        (SLEEP | {"wall_time": "0s", "grid": ARC}, "may run for 0 s cannot run"),
        ({"arguments": ["a"], "grid": EC2}, "arguments does not reach a machine"),
        ({"environment": {"A": "1"}, "grid": EC2}, "write it into its user_data"),
        ({"wall_time": "2d", "grid": EC2}, "wall_time does not reach a machine"),
        (SLEEP | {"cores": 0}, "greater than or equal to 1"),
    ],
)
def test_a_pilot_that_cannot_work_is_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Job.model_validate(options)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"schedd": 'x" || true'}, "is no name"),
        ({"collector": "a,b"}, "is no name"),
        ({"config": "condor_config"}, "is no absolute path"),
        ({"config": "/no/such/config"}, "does not exist"),
    ],
)
def test_a_contact_that_cannot_work_is_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Contact.model_validate(options)


def test_equal_contacts_have_one_identity(tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.touch()
    contact = Contact(collector="c:1", schedd="a@b", config=config)
    assert contact.identity == Identity(collector="c:1", schedd="a@b", config=str(config))
    assert Contact().identity == Identity()


def test_the_universe_follows_from_the_grid_and_may_be_written_too() -> None:
    for options in (SLEEP, SLEEP | {"universe": "vanilla"}):
        assert Job.model_validate(options).grid is None
    for options in (SLEEP | {"grid": ARC}, SLEEP | {"grid": ARC, "universe": "grid"}, {"grid": EC2}):
        job = Job.model_validate(options)
        assert job.grid is not None
        assert hash(job) == hash(Job.model_validate(options))


def test_other_universes_may_be_written_as_raw_commands() -> None:
    job = Job.model_validate(SLEEP | {"submit": {"universe": "local"}})
    assert dict(job.submit) == {"universe": "local"}


@pytest.mark.parametrize(
    "submit",
    [
        {"requirements": 'Arch == "X86_64" && TARGET.Memory > 5'},
        {"requirements": "$(theirs) &&"},  # the submit language has the last word on macros
        {"notification": "= any"},
    ],
)
def test_what_only_the_schedd_can_judge_is_left_to_it(submit: dict[str, str]) -> None:
    assert dict(Job.model_validate(SLEEP | {"submit": submit}).submit) == submit


def test_what_a_site_passes_on_may_be_written() -> None:
    words = {
        "arguments": ["it's", 'say "x"', "a  b", "", "\t"],
        "environment": {"A": "it's; #x"},
        "grid": SLURM,
    }
    assert Job.model_validate(SLEEP | words).arguments == ("it's", 'say "x"', "a  b", "", "\t")
    condor = {"arguments": ["$$(Cpus)"], "grid": {"kind": "condor", "host": "ce"}}
    assert Job.model_validate(SLEEP | condor).arguments == ("$$(Cpus)",)


def test_one_thing_says_as_whom_we_come() -> None:
    assert Contact(credential="pool").identity == Identity()
    with pytest.raises(ValidationError, match="credential and security exclude each other; take one away"):
        Contact.model_validate({"credential": "pool", "security": {"methods": ["FS"]}})
