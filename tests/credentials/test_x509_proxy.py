"""Proxies are made from a certificate or a longer proxy, renewed in time, and kept where they are good."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import issuer
from autopyfactory.clients.certificates import read_chain
from autopyfactory.clients.kept import keep
from autopyfactory.credentials.x509_proxy import X509Proxy, X509ProxyOptions
from autopyfactory.errors import Unavailable
from autopyfactory.model import CredentialType, Place, Proof
from autopyfactory.proofs import Proofs, prove
from autopyfactory.testing import CredentialContract
from programs import Program
from rig import Rig

NOW = time.time()
HOUR = 3600.0
PRODUCTION = "/atlas/Role=production/Capability=NULL"


def granted(hours: float, *names: str) -> bytes:
    return issuer.armour(issuer.attribute_certificate(names or [PRODUCTION], NOW - 60, NOW + hours * HOUR))


@pytest.fixture
def robot(tmp_path: Path) -> Path:
    made = issuer.issue(["Robot"], NOW - HOUR, NOW + 1000 * HOUR)
    return issuer.keep(tmp_path / "robot.pem", made.chain())


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path / "voms")


class Maker:
    """Makes credentials of one section whose state is in one folder."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.place = Place(section="prod", factory="f", logs="logs", state=str(folder / "state"))
        self.options = options

    def __call__(self, **more: Any) -> X509Proxy:
        return X509Proxy(X509ProxyOptions(**{**self.options, **more}), self.place)


@pytest.fixture
def make(tmp_path: Path, robot: Path) -> Maker:
    return Maker(tmp_path, certificate=robot)


@pytest.fixture
def voms(tmp_path: Path, robot: Path, program: Program) -> Maker:
    asked = {"voms": "atlas:/atlas/Role=production", "voms_program": [str(program.path)]}
    return Maker(tmp_path, certificate=robot, **asked)


class TestPlain(CredentialContract):
    plugin = X509Proxy

    @pytest.fixture
    def section(self, robot: Path) -> X509ProxyOptions:
        return X509ProxyOptions(certificate=robot)


class TestWithAttributes(CredentialContract):
    plugin = X509Proxy

    @pytest.fixture
    def section(self, robot: Path, program: Program) -> X509ProxyOptions:
        program.answers(granted(24))
        return X509ProxyOptions(certificate=robot, voms="atlas", voms_program=(str(program.path),))


def made(credential: X509Proxy) -> Proof:
    credential.renew()
    return credential.proof()


def test_a_proxy_is_made_in_the_state_folder(make: Maker, tmp_path: Path) -> None:
    credential = make()
    with pytest.raises(Unavailable, match="is not there yet: the daemon makes it"):
        credential.proof()
    before = int(time.time())
    proof = made(credential)
    assert proof.path == tmp_path / "state" / "credentials" / "prod"
    assert proof.subject == "/DC=testbed/CN=Robot"
    assert before <= proof.end - 96 * HOUR <= time.time()


def test_certificate_and_key_may_be_two_files(make: Maker, tmp_path: Path) -> None:
    robot = issuer.issue(["Host"], NOW - HOUR, NOW + 1000 * HOUR)
    certificate = issuer.keep(tmp_path / "cert", robot.pem(), 0o644)
    key = issuer.keep(tmp_path / "key", robot.private())
    assert made(make(certificate=certificate, key=key)).subject == "/DC=testbed/CN=Host"
    key.chmod(0o640)
    with pytest.raises(Unavailable, match=f"'{key}' has mode 0640"):
        make(certificate=certificate, key=key).renew()


def test_a_longer_proxy_will_do(make: Maker, tmp_path: Path) -> None:
    longer = issuer.keep(tmp_path / "long", issuer.proxy(NOW - HOUR, NOW + 50 * HOUR))
    proof = made(make(certificate=longer))
    assert proof.subject == "/DC=testbed/CN=Robot"
    assert proof.end == pytest.approx(NOW + 50 * HOUR, abs=1)
    assert proof.path.read_bytes().count(b"BEGIN CERTIFICATE") == 3


def test_its_end_is_that_of_its_attributes(voms: Maker, program: Program, robot: Path) -> None:
    program.answers(granted(24))
    proof = made(voms())
    assert proof.end == pytest.approx(NOW + 24 * HOUR, abs=1)
    assert proof.subject == "/DC=testbed/CN=Robot as /atlas/Role=production"
    assert f"-cert {robot} -key {robot} -voms atlas:/atlas/Role=production -valid 96:00" in " ".join(
        program.words
    )


def test_a_factory_that_starts_again_keeps_a_good_proxy(voms: Maker, program: Program) -> None:
    program.answers(granted(24))
    before = made(voms()).path.read_bytes()
    program.answers(None, "the server is away", 1)
    assert made(voms()).path.read_bytes() == before


def test_the_old_one_serves_until_a_new_one_is_there(voms: Maker, program: Program) -> None:
    credential = voms()
    old = keep_old(credential)
    program.answers(None, "Error: atlas: the server is away.", 1)
    with pytest.raises(Unavailable, match="the server is away"):
        credential.renew()
    assert credential.proof() == old
    program.answers(granted(1))
    with pytest.raises(Unavailable, match="no later than the one there is"):
        credential.renew()
    assert credential.proof() == old
    program.answers(granted(24))
    assert made(credential).end > old.end


def keep_old(credential: X509Proxy) -> Proof:
    """Let there be a proxy that is valid for two hours of ten."""
    robot = issuer.issue(["Robot"], NOW - 8 * HOUR, NOW + 2 * HOUR)
    ac = issuer.attribute_certificate([PRODUCTION], NOW - 8 * HOUR, NOW + 2 * HOUR)
    keep(credential._file.path, issuer.carrying(robot, ac))
    return credential.proof()


def test_other_options_make_another_proxy_at_once(make: Maker, voms: Maker, program: Program) -> None:
    plain = made(make())
    program.answers(granted(24))
    assert made(voms()).subject == f"{plain.subject} as /atlas/Role=production"
    program.answers(None, "nobody is to be asked", 1)
    assert made(make()).subject.endswith("as /atlas/Role=production")


def test_another_certificate_makes_another_proxy_at_once(make: Maker, robot: Path) -> None:
    before = made(make())
    issuer.keep(robot, issuer.issue(["Other"], NOW - HOUR, NOW + 10 * HOUR).chain())
    after = made(make())
    assert (before.subject, after.subject) == ("/DC=testbed/CN=Robot", "/DC=testbed/CN=Other")


def test_a_certificate_that_was_prolonged_makes_another_proxy_at_once(make: Maker, robot: Path) -> None:
    before = made(make())
    issuer.keep(robot, issuer.issue(["Robot"], NOW - HOUR, NOW + 2000 * HOUR).chain())
    after = made(make(lifetime="5d"))
    assert (before.last, after.last) == (
        pytest.approx(NOW + 1000 * HOUR, abs=1),
        pytest.approx(NOW + 2000 * HOUR, abs=1),
    )


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "robot.pem': No such file"),
        (b"s3cret", "robot.pem': there is no private key that can be read"),
        (issuer.issue(["Robot"], NOW - 20, NOW - 10).chain(), "what signs it expired at"),
    ],
)
def test_a_certificate_that_cannot_sign_is_named(
    make: Maker, robot: Path, content: bytes | None, sentence: str
) -> None:
    robot.unlink()
    if content is not None:
        issuer.keep(robot, content)
    with pytest.raises(Unavailable, match=sentence) as caught:
        make().renew()
    assert "s3cret" not in str(caught.value)


def test_a_certificate_that_is_not_there_is_named_before_anything_is_made(make: Maker, robot: Path) -> None:
    proof = made(make())
    robot.unlink()
    assert make().proof() == proof
    proof.path.unlink()
    with pytest.raises(Unavailable, match=r"robot\.pem': No such file"):
        make().proof()


def test_of_several_the_first_that_can_be_made_serves(make: Maker, robot: Path, tmp_path: Path) -> None:
    rig = Rig()
    process = replace(rig.process, wall=time.time)
    expired = issuer.keep(tmp_path / "expired.pem", issuer.proxy(NOW - HOUR, NOW - 60))
    plugins = [make(certificate=expired, path=tmp_path / "first"), make(path=tmp_path / "second")]
    chain = [Proofs(f"p{place}", one, one._options, process) for place, one in enumerate(plugins)]
    for credential in chain:
        credential.renew()
    assert prove(chain) == {CredentialType.X509: tmp_path / "second"}
    assert [credential.failed for credential in chain] == [1, 0]
    issuer.keep(expired, robot.read_bytes())
    chain[0].renew()
    assert prove(chain) == {CredentialType.X509: tmp_path / "first"}
    for credential in chain:
        credential.close(0.0)


def test_a_certificate_beside_a_good_key_is_named_too(make: Maker, tmp_path: Path, robot: Path) -> None:
    with pytest.raises(Unavailable, match=f"'{tmp_path}/none': No such file"):
        make(certificate=tmp_path / "none", key=robot).renew()


def test_a_closed_one_asks_nobody(voms: Maker) -> None:
    credential = voms()
    credential.close()
    with pytest.raises(Unavailable, match="is closed"):
        credential.renew()


def test_the_new_file_is_what_it_says(voms: Maker, program: Program) -> None:
    program.answers(granted(24))
    proof = made(voms())
    chain = read_chain(proof.path.read_bytes())
    assert (chain.begin, chain.end) == (proof.begin, proof.end)
    assert proof.path.stat().st_mode & 0o777 == 0o600
