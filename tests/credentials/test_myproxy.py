"""Proxies are fetched from MyProxy in time, given attributes if wanted, and kept where they are good."""

import time
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

import issuer
from autopyfactory.clients.certificates import read_chain
from autopyfactory.credentials.myproxy import MyProxy, MyProxyOptions
from autopyfactory.errors import Unavailable
from autopyfactory.model import Place
from autopyfactory.testing import CredentialContract
from programs import MYPROXY, Program

NOW = time.time()
HOUR = 3600.0
LEFT = issuer.proxy(NOW - HOUR, NOW + 90 * HOUR)
PRODUCTION = "/atlas/Role=production/Capability=NULL"


@pytest.fixture
def passphrase(tmp_path: Path) -> Path:
    return issuer.keep(tmp_path / "passphrase", b"open sesame\n")


@pytest.fixture
def server(tmp_path: Path) -> Program:
    made = Program(tmp_path / "myproxy", MYPROXY)
    made.answers(LEFT)
    return made


@pytest.fixture
def voms(tmp_path: Path) -> Program:
    made = Program(tmp_path / "voms")
    made.answers(issuer.armour(issuer.attribute_certificate([PRODUCTION], NOW - 60, NOW + 24 * HOUR)))
    return made


@pytest.fixture
def given(server: Program, passphrase: Path) -> dict[str, Any]:
    """A section that works."""
    here = {"host": "myproxy.example.org", "user": "robot"}
    return {**here, "passphrase": passphrase, "program": (str(server.path),)}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(section="prod", factory="f", logs="logs", state=str(tmp_path / "state"))


def asked(voms: Program) -> dict[str, Any]:
    return {"voms": "atlas:/atlas/Role=production", "voms_program": (str(voms.path),)}


class TestPlain(CredentialContract):
    plugin = MyProxy

    @pytest.fixture
    def section(self, given: dict[str, Any]) -> MyProxyOptions:
        return MyProxyOptions(**given)


class TestWithAttributes(CredentialContract):
    plugin = MyProxy

    @pytest.fixture
    def section(self, given: dict[str, Any], voms: Program) -> MyProxyOptions:
        return MyProxyOptions(**given, **asked(voms))


def test_what_was_left_there_is_kept_as_it_comes(
    given: dict[str, Any], place: Place, server: Program
) -> None:
    credential = MyProxy(MyProxyOptions(**given, port=7513, name="pilots"), place)
    credential.renew()
    proof = credential.proof()
    assert proof.path == Path(place.state) / "credentials" / "prod"
    assert proof.path.read_bytes() == LEFT
    assert proof.last == pytest.approx(NOW + 114 * HOUR, abs=1)
    assert proof.subject == "/DC=testbed/CN=Robot"
    words = "-s myproxy.example.org -p 7513 -l robot -k pilots -t 96"
    assert " ".join(server.words).startswith(words)


def test_a_retriever_shows_who_asks(given: dict[str, Any], place: Place, server: Program) -> None:
    host = given.pop("passphrase")
    credential = MyProxy(MyProxyOptions(**given, retriever=host), place)
    credential.renew()
    assert credential.proof().end == pytest.approx(NOW + 90 * HOUR, abs=1)
    assert f"X509_USER_PROXY={host}" in server.environment


def test_attributes_are_carried_by_a_proxy_of_it(given: dict[str, Any], place: Place, voms: Program) -> None:
    credential = MyProxy(MyProxyOptions(**given, **asked(voms)), place)
    credential.renew()
    proof = credential.proof()
    assert proof.subject == "/DC=testbed/CN=Robot as /atlas/Role=production"
    assert proof.end == pytest.approx(NOW + 24 * HOUR, abs=1)
    assert proof.path.read_bytes().count(b"BEGIN CERTIFICATE") == 3
    assert proof.last == pytest.approx(NOW + 114 * HOUR, abs=1)  # of the robot behind what came
    signer = Path(voms.words[voms.words.index("-cert") + 1])
    assert not signer.exists()


def test_a_factory_that_starts_again_keeps_a_good_proxy(
    given: dict[str, Any], place: Place, server: Program
) -> None:
    MyProxy(MyProxyOptions(**given), place).renew()
    server.answers(b"", "nobody is to be asked", 1)
    again = MyProxy(MyProxyOptions(**given), place)
    again.renew()
    assert again.proof().path.read_bytes() == LEFT


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (b"", "the new proxy holds no certificate"),
        (b"s3cret", "holds no certificate"),
    ],
)
def test_what_is_no_proxy_is_refused_and_not_repeated(
    given: dict[str, Any], place: Place, server: Program, answer: bytes, sentence: str
) -> None:
    server.answers(answer)
    with pytest.raises(Unavailable, match=sentence) as caught:
        MyProxy(MyProxyOptions(**given), place).renew()
    assert "s3cret" not in str(caught.value)


def test_what_cannot_be_given_attributes_is_refused(
    given: dict[str, Any], place: Place, server: Program, voms: Program
) -> None:
    server.answers(b"s3cret")
    with pytest.raises(Unavailable, match=r"^myproxy.example.org gave no proxy: there is no private key"):
        MyProxy(MyProxyOptions(**given, **asked(voms)), place).renew()


def test_the_old_one_serves_while_the_server_is_away(
    given: dict[str, Any], place: Place, server: Program
) -> None:
    credential = MyProxy(MyProxyOptions(**given), place)
    old = issuer.proxy(NOW - 9 * HOUR, NOW + HOUR)
    path = Path(place.state) / "credentials" / "prod"
    path.parent.mkdir(parents=True)
    issuer.keep(path, old)
    server.answers(b"", "Connection refused", 1)
    with pytest.raises(Unavailable, match="Connection refused"):
        credential.renew()
    assert credential.proof().end == read_chain(old).end


def test_a_closed_one_asks_nobody(given: dict[str, Any], place: Place, voms: Program) -> None:
    credential = MyProxy(MyProxyOptions(**given, **asked(voms)), place)
    credential.close()
    with pytest.raises(Unavailable, match="is closed"):
        credential.renew()


def test_a_pass_phrase_that_others_may_read_is_a_mistake(given: dict[str, Any]) -> None:
    given["passphrase"].chmod(0o640)
    with pytest.raises(ValidationError, match="has mode 0640, so that others get at it: chmod 600"):
        MyProxyOptions(**given)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"passphrase": None}, "neither passphrase nor retriever is set"),
        ({"program": ("myproxy-logoff-x",)}, "program 'myproxy-logoff-x' is not an executable file"),
        ({"host": "-o"}, "String should match pattern"),
        ({"user": "two words"}, "String should match pattern"),
        ({"passphrase": Path("/s3cret")}, "passphrase\n +Value error, names no file that we can read"),
        ({"port": 0}, "greater than or equal to 1"),
    ],
)
def test_what_is_wrong_with_a_section_is_said(given: dict[str, Any], changes: Any, sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        MyProxyOptions(**{**given, **changes})
