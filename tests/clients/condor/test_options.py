"""The options of sections and pilots: what cannot work is refused with the mend."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from autopyfactory.clients.condor.client import Identity
from autopyfactory.clients.condor.options import Contact, Job, canonical

SLEEP = {"executable": "/bin/sleep"}


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
        (SLEEP | {"submit": {"MY.apf_factory": '"x"'}}, "the factory knows its pilots"),
        (SLEEP | {"submit": {"+MATCH_APF_QUEUE": '"x"'}}, "the factory knows its pilots"),
        (SLEEP | {"memory": "2 gigs"}, "is no size"),
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


def test_both_spellings_of_an_attribute_are_one() -> None:
    assert canonical("+Foo") == canonical("MY.foo") == "my.foo"
    assert canonical("Request_CPUs") == "request_cpus"
