"""Proxies come from a real VOMS server, are what VOMS takes, and old ones serve until there are new ones."""

import time
from pathlib import Path

from autopyfactory.testing import until
from daemons import HEAD, daemon, write
from grid_security import PRODUCTION, Voms, asking, credentials, life, made, section, strange
from pools import run

HOUR = 3600


def test_a_proxy_has_the_attributes_asked_for_and_a_factory_that_starts_again_keeps_it(
    voms: Voms, tmp_path: Path
) -> None:
    config = write(tmp_path, head=HEAD + section("prod", voms, asking()))
    with daemon(config):
        proxy = made(config)
    assert proxy.stat().st_mode & 0o777 == 0o600
    assert voms.verified(proxy, "-identity") == "/DC=testbed/CN=Pilot Factory"
    assert voms.verified(proxy, "-type") == "RFC compliant proxy"
    assert voms.verified(proxy, "-fqan").splitlines()[0] == "/testvo/Role=production/Capability=NULL"
    assert 95 * HOUR < life(proxy, voms) <= 96 * HOUR
    told = credentials(config)["prod"]
    assert told["subject"] == "/DC=testbed/CN=Pilot Factory as /testvo/Role=production"
    before = proxy.read_bytes()
    with daemon(config):
        assert until(lambda: "prod" in credentials(config))
    assert proxy.read_bytes() == before


def test_a_proxy_is_made_from_a_longer_one(voms: Voms, tmp_path: Path) -> None:
    longer = section("longer", voms, 'lifetime = "50h"\n')
    config = write(tmp_path, head=HEAD + longer)
    with daemon(config):
        signer = made(config, "longer")
    config = write(tmp_path, head=HEAD + section("prod", voms, asking(), certificate=signer))
    with daemon(config):
        proxy = made(config)
    assert 49 * HOUR < int(voms.verified(proxy, "-timeleft")) <= 50 * HOUR
    leaf, behind = tmp_path / "leaf", tmp_path / "behind"
    whole = proxy.read_text()
    leaf.write_text(whole)
    behind.write_text(whole.split("-----END RSA PRIVATE KEY-----\n")[1])
    words = ["openssl", "verify", "-allow_proxy_certs", "-CApath", voms.env["X509_CERT_DIR"]]
    assert run([*words, "-untrusted", str(behind), str(leaf)], {}) == f"{leaf}: OK\n"


def test_what_the_server_refuses_is_said_and_the_next_credential_serves(voms: Voms, tmp_path: Path) -> None:
    pilot = section("pilot", voms, asking("testvo:/testvo/Role=pilot"))
    config = write(tmp_path, head=HEAD + strange(voms) + pilot + section("prod", voms, asking()))
    with daemon(config) as process:
        made(config)
        told = credentials(config)
        process.terminate()
        assert process.stderr is not None
        log = process.stderr.read()
    assert "credential stranger: renewal failed, 1 in a row: voms-proxy-init ended with code 1" in log
    assert "testvo: User unknown to this VO" in log
    assert "Unable to satisfy B/testvo:pilot request!" in log
    assert [name for name, one in told.items() if one["error"]] == ["stranger", "pilot"]


def test_while_the_server_is_away_the_old_proxy_serves(voms: Voms, tmp_path: Path) -> None:
    config = write(tmp_path, head=HEAD + section("prod", voms, asking("testvo")))
    with daemon(config):
        proxy = made(config)
    before = proxy.read_bytes()
    write(tmp_path, head=HEAD + section("prod", voms, asking(PRODUCTION)))  # so that it is time
    voms.halt()
    try:
        with daemon(config) as process:
            assert process.stderr is not None
            failed = next(line for line in process.stderr if "renewal failed" in line)
            assert credentials(config)["prod"]["error"] is None
    finally:
        voms.resume()
    assert "None of the contacted servers for testvo were capable" in failed
    assert proxy.read_bytes() == before
    with daemon(config):
        assert until(lambda: proxy.read_bytes() != before, 60)
    assert voms.verified(proxy, "-fqan").splitlines()[0] == "/testvo/Role=production/Capability=NULL"


def test_a_server_that_hangs_is_given_up_and_nobody_waits(voms: Voms, tmp_path: Path) -> None:
    plain = section("prod", voms)
    config = write(tmp_path, head=HEAD + plain)
    with daemon(config):
        before = made(config).read_bytes()
    wanted = section("prod", voms, asking()).replace('timeout = "20s"', 'timeout = "3s"')
    write(tmp_path, head=HEAD + wanted)
    with voms.stopped(), daemon(config) as process:
        began = time.monotonic()
        assert credentials(config)["prod"]["error"] is None
        assert process.stderr is not None
        failed = next(line for line in process.stderr if "renewal failed" in line)
        assert time.monotonic() - began < 60
    assert "voms-proxy-init did not end within 2.7 s and was killed" in failed
    assert (config.parent / "state" / "credentials" / "prod").read_bytes() == before
