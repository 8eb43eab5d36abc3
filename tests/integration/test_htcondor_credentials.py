"""Pilots carry proxies and tokens through a real pool; what expired stops its own queue and no other."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import issuer
from autopyfactory.testing import until
from daemons import apf, daemon, status
from pools import TESTBED, Pool, give, run

CONFIG = """
[factory]
id = "{factory}"
state = "state"
logs = "logs"

[credential.expired]
kind = "file"
path = "expired"

[credential.proxy]
kind = "file"
path = "x509/voms-proxy.pem"

[credential.token]
kind = "file"
path = "token"

[target.pool]
kind = "htcondor"
config = "{config}"
max_age = "1s"
guard = {{ per_minute = "unlimited" }}

[defaults]
interval = "1s"
target = "pool"
policies = [{{ kind = "keep_n_running", count = 1 }}]

[defaults.htcondor]
pilot = {{ executable = "{pilot}", memory = "1MB", disk = "1MB", submit = {{ leave_in_queue = "true" }} }}

[queue.PROXY]
credentials = ["expired", "proxy"]

[queue.TOKEN]
credentials = ["token"]

[queue.BOTH]
credentials = ["token", "proxy"]

[queue.EXPIRED]
credentials = ["expired", "token"]
"""
PILOT = """#!/usr/bin/env python3
import json, os, sys
names = ("X509_USER_PROXY", "BEARER_TOKEN_FILE", "BEARER_TOKEN")
paths = {name: os.environ[name] for name in names if name in os.environ}
print(json.dumps({name: open(path).read() for name, path in paths.items()}))
"""


@pytest.fixture
def config(pool: Pool, home: Path, factory: str) -> Iterator[Path]:
    run([str(TESTBED / "x509-make"), str(home / "x509"), "testvo"], {})
    owner = (home / "x509" / "proxy.pem").stat().st_uid
    now = time.time()
    expired = issuer.proxy(now - 7200, now - 60)
    token = issuer.token(sub="pilots", iss="https://issuer.example.org", exp=now + 3600)
    for name, content in {"expired": expired, "token": token}.items():
        give(issuer.keep(home / name, content), owner)
    pilot = home / "pilot.py"
    pilot.write_text(PILOT)
    pilot.chmod(0o755)
    file = home / "factory.toml"
    file.write_text(CONFIG.format(factory=factory, config=pool.config, pilot=pilot))
    yield file
    pool.clear()


def ads(pool: Pool, factory: str) -> dict[str, dict[str, Any]]:
    """The pilots of each queue, as the schedd has them."""
    found = pool.jobs(f'APF_FACTORY == "{factory}"')
    return {ad["MATCH_APF_QUEUE"]: ad for ad in found}


def test_every_queue_carries_what_is_valid(config: Path, pool: Pool, factory: str) -> None:
    home = config.parent
    proxy, token = str(home / "x509" / "voms-proxy.pem"), str(home / "token")
    rendered = {queue: apf("render", config, queue).stdout for queue in ("PROXY", "TOKEN", "EXPIRED")}
    told = {
        queue: json.loads(apf("once", config, queue, "--json").stdout)
        for queue in ("PROXY", "TOKEN", "BOTH", "EXPIRED")
    }
    assert until(lambda: all(ad["JobStatus"] == 4 for ad in ads(pool, factory).values()), 120)
    found = ads(pool, factory)
    assert set(found) == {"PROXY", "TOKEN", "BOTH"}
    for queue in ("PROXY", "BOTH"):
        assert found[queue]["x509userproxy"] == proxy
        assert found[queue]["x509userproxysubject"].endswith("CN=Pilot Factory")
    for queue in ("TOKEN", "BOTH"):
        assert found[queue]["ScitokensFile"] == token
    assert "ScitokensFile" not in found["PROXY"]
    assert f"x509userproxy = {proxy}\n" in rendered["PROXY"]
    assert f"scitokens_file = {token}\n" in rendered["TOKEN"]
    assert f"credential expired: {home}/expired expired at" in told["EXPIRED"]["error"]
    assert [told[queue]["error"] for queue in found] == [None] * 3
    seen = {queue: json.loads(Path(ad["Out"]).read_text()) for queue, ad in found.items()}
    assert "BEGIN CERTIFICATE" in seen["PROXY"]["X509_USER_PROXY"]
    assert "BEGIN CERTIFICATE" in seen["BOTH"]["X509_USER_PROXY"]
    assert seen["TOKEN"] == {}


def test_a_queue_goes_on_when_its_credential_is_renewed(config: Path, pool: Pool, factory: str) -> None:
    home = config.parent
    proxy = home / "x509" / "voms-proxy.pem"
    fresh, owner = proxy.read_bytes(), proxy.stat().st_uid
    now = time.time()
    give(issuer.keep(proxy, issuer.proxy(now - 7200, now - 60)), owner)
    config.write_text(config.read_text().replace("submit = { leave", 'submit = { hold = "true", leave'))
    with daemon(config):
        assert until(lambda: "TOKEN" in ads(pool, factory), 60)
        assert until(lambda: status(config)["PROXY"]["state"] == "failed")
        assert "PROXY" not in ads(pool, factory)
        give(issuer.keep(proxy, fresh), owner)
        assert until(lambda: {"PROXY", "BOTH"} <= set(ads(pool, factory)), 60), status(config)
        assert until(lambda: status(config)["PROXY"]["report"]["error"] is None)
        assert "EXPIRED" not in ads(pool, factory)
