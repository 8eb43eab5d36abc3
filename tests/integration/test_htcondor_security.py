"""Every way to come to a remote schedd: token, certificate, proxy, password; and what is said if it fails."""

import getpass
import os
import shutil
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from autopyfactory.clients.condor.options import Job
from autopyfactory.errors import Rejected, Unavailable
from autopyfactory.model import Order, Place
from autopyfactory.targets.htcondor import HTCondorTarget, HTCondorTargetOptions
from pools import FEW, SUITE, TESTBED, Pool, run, up

EXTRA = """
SEC_DEFAULT_AUTHENTICATION_METHODS = FS, IDTOKENS, SSL, PASSWORD
SEC_PASSWORD_FILE = {home}/server-password
AUTH_SSL_SERVER_CERTFILE = {home}/hostcert.pem
AUTH_SSL_SERVER_KEYFILE = {home}/server-key.pem
AUTH_SSL_SERVER_CAFILE = {home}/cacert.pem
AUTH_SSL_REQUIRE_CLIENT_CERTIFICATE = True
AUTH_SSL_ALLOW_CLIENT_PROXY = True
CERTIFICATE_MAPFILE = {home}/map
"""
MAP = """
SSL "/DC=testbed/CN=Pilot Factory" {owner}
"""
OWNER = "tbpilot" if os.geteuid() == 0 else getpass.getuser()  # who runs the pools, and owns the jobs


def secret(path: Path, content: bytes, owner: str = "") -> Path:
    """A file that only its owner can read."""
    path.write_bytes(content)
    path.chmod(0o600)
    if owner and os.geteuid() == 0:
        shutil.chown(path, owner)
    return path


def scrambled(password: str) -> bytes:
    """A password as HTCondor keeps it in files."""
    return bytes(byte ^ key for byte, key in zip(password.encode(), cycle(b"\xde\xad\xbe\xef"), strict=False))


@pytest.fixture(scope="module")
def guarded() -> Iterator[Pool]:
    """A pool that takes tokens, certificates, proxies and a password; its secrets are in its `home`."""
    pool = Pool("poolG", daemons=FEW)
    home = pool.home
    run([str(TESTBED / "x509-make"), str(home), "testvo"], {})
    secret(home / "server-key.pem", (home / "hostkey.pem").read_bytes(), OWNER)
    secret(home / "server-password", scrambled("correct horse"), OWNER)
    secret(home / "password", scrambled("correct horse"))
    secret(home / "wrong-password", scrambled("battery staple"))
    secret(home / "my-proxy.pem", (home / "proxy.pem").read_bytes())
    (home / "map").write_text(MAP.format(owner=OWNER))
    pool.configure(EXTRA.format(home=home))
    with up(pool):
        yield pool


Make = Callable[..., HTCondorTarget]


@pytest.fixture
def make(guarded: Pool, home: Path, factory: str) -> Iterator[Make]:
    """Makes targets that come to the pool with these settings; there is no HTCondor configuration."""
    made: list[HTCondorTarget] = []

    def make(**security: Any) -> HTCondorTarget:
        collector = guarded.collector.replace("127.0.0.1", "localhost")  # the name in its certificate
        section = {"collector": collector, "spool": True, "timeout": "20s", "security": security}
        place = Place(section="ce", factory=factory, logs=str(home / "logs"), state=str(home / "state"))
        made.append(HTCondorTarget(HTCondorTargetOptions.model_validate(section), place))
        return made[-1]

    yield make
    for target in made:
        target.close()
    guarded.clear()


PILOT = Job.model_validate({"executable": "/bin/true"})
WAYS = {
    "token": {"tokens": "poolG/client.d"},
    "certificate": {"certificate": "usercert.pem", "key": "userkey.pem", "ca": "certificates"},
    "proxy": {"certificate": "my-proxy.pem", "ca": "cacert.pem"},
}


@pytest.mark.parametrize("way", WAYS)
def test_pilots_are_submitted_and_spooled_whatever_proves_who_we_are(
    guarded: Pool, make: Make, way: str
) -> None:
    target = make(**{name: guarded.home / path for name, path in WAYS[way].items()})
    assert len(target.submit(Order(queue="SITE", pilot=PILOT, count=2, tag="t"))) == 2
    assert target.supply(["SITE"])["SITE"].pending == 2
    (first, _) = guarded.jobs("true", "Owner", "AuthTokenId", "User")
    assert first["Owner"] == OWNER
    assert ("AuthTokenId" in first) == (way == "token")


def test_a_password_lets_us_count_and_whether_it_owns_jobs_is_for_the_schedd_to_say(
    guarded: Pool, make: Make
) -> None:
    target = make(password=guarded.home / "password")
    assert target.supply(["SITE"])["SITE"].pilots == 0
    order = Order(queue="SITE", pilot=PILOT, count=2, tag="t")
    if SUITE == "trixie":  # HTCondor 23 has no account for whoever comes by a password
        with pytest.raises(Rejected, match="owns no jobs"):
            target.submit(order)
        return
    target.submit(order)
    assert {job["Owner"] for job in guarded.jobs("true", "Owner")} == {
        OWNER
    }  # the user that HTCondor itself runs as


def test_two_sections_come_to_one_schedd_as_two(guarded: Pool, make: Make) -> None:
    good, bad = make(password=guarded.home / "password"), make(password=guarded.home / "wrong-password")
    assert good.supply(["SITE"])["SITE"].pilots == 0
    with pytest.raises(Unavailable, match="does not accept us"):
        bad.supply(["SITE"])
    assert good.supply(["SITE"])["SITE"].pilots == 0


def test_a_certificate_of_an_unknown_authority_is_not_accepted(
    guarded: Pool, make: Make, tmp_path: Path
) -> None:
    run([str(TESTBED / "x509-make"), str(tmp_path)], {})
    target = make(
        certificate=tmp_path / "usercert.pem", key=tmp_path / "userkey.pem", ca=tmp_path / "cacert.pem"
    )
    with pytest.raises(Unavailable, match="does not accept us"):
        target.supply(["SITE"])
