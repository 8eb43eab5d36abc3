"""Tokens travel with spooled pilots: a CE takes those that show it one of its issuer, and no others."""

import json
from collections.abc import Iterator

import pytest

from autopyfactory.testing import until
from daemons import apf, daemon, status
from far import Far
from pools import FEW, Pool, up
from tokened import Tokened

RELAY = """
SEC_CLIENT_AUTHENTICATION_METHODS = FS, IDTOKENS, SCITOKENS
AUTH_SSL_CLIENT_CAFILE = {authority}
"""
QUEUES = """
[credential.good]
kind = "file"
path = "good"

[credential.foreign]
kind = "file"
path = "foreign"

[defaults.htcondor.pilot]
executable = "{program}"
memory = "1MB"
disk = "1MB"
grid = {{ kind = "condor", host = "{host}", port = {port}, schedd = "{schedd}" }}

[queue.GOOD]
credentials = ["good"]
policies = [{{ kind = "fixed", count = {count} }}]

[queue.FOREIGN]
credentials = ["foreign"]
policies = [{{ kind = "fixed", count = {count} }}]
"""


@pytest.fixture(scope="module")
def ce() -> Iterator[Tokened]:
    """A pool that takes jobs by a token alone."""
    with up(Tokened("tokened")) as made:
        yield made


@pytest.fixture(scope="module")
def relay(ce: Tokened) -> Iterator[Pool]:
    """A schedd that hands pilots on to it, and knows its CA."""
    with up(Pool("relay", daemons=FEW, extra=RELAY.format(authority=ce.authority))) as made:
        yield made


@pytest.fixture
def far(relay: Pool, ce: Tokened, factory: str) -> Iterator[Far]:
    """A factory that keeps the tokens to itself."""
    far = Far(relay, factory)
    far.write("good", ce.token())
    far.write("foreign", ce.token("https://elsewhere.example.org"))
    yield far
    relay.clear()
    far.remove()


def configure(far: Far, ce: Tokened, count: int) -> None:
    """A queue for each token, which starts so many pilots in each cycle."""
    program = far.write("pilot", '#!/bin/sh\necho "$FACTORYQUEUE" got in\n', 0o700)
    host, _, port = ce.collector.partition(":")
    place = {"host": host, "port": port, "schedd": ce.schedd}
    far.configure(QUEUES.format(program=program, count=count, **place))


def test_a_spooled_pilot_gets_in_by_its_token(far: Far, ce: Tokened) -> None:
    configure(far, ce, 2)
    for queue in ("GOOD", "FOREIGN"):
        done = apf("once", far.config, queue, prefix=far.prefix)
        assert done.returncode == 0, done.stdout + done.stderr
    configure(far, ce, 0)

    def troubles() -> str:
        report = status(far.config)["FOREIGN"]["report"] or {"supply": None}
        return json.dumps((report["supply"] or {}).get("troubles"))

    with daemon(far.config, far.prefix):
        assert until(lambda: len(far.files("out")) == 2, 120), (status(far.config), far.pool.jobs())
        assert until(lambda: "2 were removed" in troubles(), 60), troubles()
        assert "Failed to authenticate using SCITOKENS" in troubles()
    assert [file.read_text() for file in far.files("out")] == ["GOOD got in\n"] * 2
