"""A pilot carries the first proxy that is valid, and while it runs it gets the one that is made anew."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autopyfactory.clients.certificates import read_chain
from autopyfactory.testing import until
from daemons import apf
from grid_security import PRODUCTION, Voms, asking, section, strange
from pools import Pool, up

OWNER = os.environ.get("TB_USER", "tbpilot")  # of the jobs, where root runs the tests
PILOT = """#!/usr/bin/env python3
import os, sys, time
first = open(os.environ["X509_USER_PROXY"]).read()
deadline = time.monotonic() + 120
while (last := open(os.environ["X509_USER_PROXY"]).read()) == first and time.monotonic() < deadline:
    time.sleep(0.2)
print(first, "AND", last)
"""
CONDOR = """
[factory]
id = "{factory}"
state = "state"
logs = "logs"

[target.pool]
kind = "htcondor"
config = "{config}"
max_age = "1s"

[defaults]
interval = "1s"
target = "pool"
policies = [{{ kind = "keep_n_running", count = 1 }}]

[defaults.htcondor]
pilot = {{ executable = "{pilot}", memory = "1MB", disk = "1MB", submit = {{ leave_in_queue = "true" }} }}

[queue.A]
credentials = ["stranger", "prod"]
"""


@pytest.fixture
def watchful_pool() -> Iterator[Pool]:
    """A pool whose shadows look often whether a proxy is a new one."""
    with up(Pool("poolP", extra="SHADOW_CHECKPROXY_INTERVAL = 2\n")) as pool:
        yield pool


def test_a_pilot_carries_what_is_valid_and_gets_what_is_made_anew(
    voms: Voms, watchful_pool: Pool, home: Path, factory: str
) -> None:
    pilot = home / "pilot.py"
    pilot.write_text(PILOT)
    pilot.chmod(0o755)
    owner = f'owner = "{OWNER}"\n' if os.getuid() == 0 else ""
    kept = f'path = "{home}/prod.proxy"\n{owner}'
    head = CONDOR.format(factory=factory, config=watchful_pool.config, pilot=pilot) + strange(voms)
    config = home / "factory.toml"
    config.write_text(head + section("prod", voms, asking("testvo") + kept))

    def jobs(state: int) -> list[dict[str, Any]]:
        return watchful_pool.jobs(f'APF_FACTORY == "{factory}" && JobStatus == {state}')

    told = apf("once", config, "A", "--json")
    assert told.returncode == 0, told.stdout
    assert until(lambda: bool(jobs(2)), 60)
    config.write_text(head + section("prod", voms, asking(PRODUCTION) + kept))
    apf("once", config, "A")
    assert until(lambda: bool(jobs(4)), 120)
    (done,) = jobs(4)
    assert done["x509userproxysubject"].startswith("/DC=testbed/CN=Pilot Factory")
    first, last = Path(done["Out"]).read_bytes().split(b" AND ")
    assert read_chain(first).attributes == ("/testvo/Role=NULL/Capability=NULL",)
    assert read_chain(last).attributes[0] == "/testvo/Role=production/Capability=NULL"
