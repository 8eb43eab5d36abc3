"""Files of certificates are read as grids mean them."""

import math
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import issuer
from autopyfactory.clients.certificates import digest, is_pem, read_chain
from autopyfactory.clients.delegation import Signer, delegate, read_signer

NOW = 2_000_000_000.0
KEY = issuer.issue(["Robot"], NOW, NOW + 10).private()


def test_a_proxy_speaks_for_the_certificate_that_signed_it() -> None:
    chain = read_chain(issuer.proxy(NOW, NOW + 3600))
    assert (chain.subject, chain.begin, chain.end) == ("/DC=testbed/CN=Robot", NOW, NOW + 3600)


def test_a_proxy_of_a_proxy_speaks_for_the_same() -> None:
    robot = issuer.issue(["Robot"], NOW, NOW + 9000)
    first = issuer.issue(["Robot", "1"], NOW, NOW + 9000, robot, proxy=True)
    second = issuer.issue(["Robot", "1", "2"], NOW + 5, NOW + 9000, first, proxy=True)
    chain = read_chain(second.chain())
    assert (chain.subject, chain.begin) == ("/DC=testbed/CN=Robot", NOW + 5)


@pytest.mark.parametrize("name", ["proxy", "limited proxy"])
def test_a_proxy_of_old_is_known_by_its_last_name(name: str) -> None:
    robot = issuer.issue(["Robot"], NOW, NOW + 9000)
    legacy = issuer.issue(["Robot", name], NOW, NOW + 9000, robot)
    assert read_chain(legacy.chain()).subject == "/DC=testbed/CN=Robot"


def test_a_proxy_alone_speaks_for_itself() -> None:
    robot = issuer.issue(["Robot"], NOW, NOW + 9000)
    alone = issuer.issue(["Robot", "1"], NOW, NOW + 9000, robot, proxy=True)
    assert read_chain(alone.pem() + alone.private()).subject == "/DC=testbed/CN=Robot/CN=1"


def test_a_certificate_speaks_for_itself() -> None:
    host = issuer.issue(["host\n.example.org"], NOW, NOW + 9000)
    assert read_chain(host.chain()).subject == "/DC=testbed/CN=host?.example.org"


@settings(max_examples=20)
@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_the_first_of_a_chain_to_end_is_its_end(own: int, robot: int) -> None:
    assert read_chain(issuer.proxy(NOW, NOW + own, robot_end=NOW + robot)).end == NOW + min(own, robot)


def carrying(moment: float, *names: str, parent: Signer | None = None) -> bytes:
    robot = issuer.issue(["Robot"], NOW, NOW + 90_000)
    signer = parent or Signer(chain=[robot.certificate], key=robot.key)
    ac = issuer.attribute_certificate(names, NOW, moment)
    return delegate(signer, NOW, timedelta(hours=10), [ac] if names else [])


def test_attributes_that_expire_first_are_the_end() -> None:
    chain = read_chain(carrying(NOW + 600, "/atlas/Role=production/Capability=NULL"))
    assert (chain.begin, chain.end) == (NOW, NOW + 600)
    assert chain.holder == "/DC=testbed/CN=Robot as /atlas/Role=production"


def test_a_site_sees_the_attributes_of_the_newest_proxy_that_has_any() -> None:
    first = carrying(NOW + 600, "/atlas/Role=NULL/Capability=NULL")
    parent = read_signer(first, first)
    assert read_chain(carrying(0, parent=parent)).holder == "/DC=testbed/CN=Robot as /atlas"
    chain = read_chain(carrying(NOW + 9000, "/atlas/Role=pilot/Capability=NULL", parent=parent))
    assert (chain.end, chain.attributes) == (NOW + 9000, ("/atlas/Role=pilot/Capability=NULL",))


def test_the_end_of_what_is_behind_is_known() -> None:
    robot = issuer.issue(["Robot"], NOW, NOW + 9000)
    first = issuer.issue(["Robot", "1"], NOW, NOW + 5000, robot, proxy=True)
    chain = read_chain(issuer.issue(["Robot", "1", "2"], NOW, NOW + 100, first, proxy=True).chain())
    assert [chain.last(made) for made in range(4)] == [NOW + 100, NOW + 5000, NOW + 9000, math.inf]
    assert chain.signer == digest(first.certificate)
    alone = read_chain(robot.chain())
    assert (alone.last(1), alone.signer) == (math.inf, b"")


def test_attributes_that_cannot_be_read_are_refused() -> None:
    robot = issuer.issue(["Robot"], NOW, NOW + 90_000)
    signer = Signer(chain=[robot.certificate], key=robot.key)
    with pytest.raises(ValueError, match="holds VOMS attributes that cannot be read"):
        read_chain(delegate(signer, NOW, timedelta(hours=1), [b"no certificate"]))


def test_a_key_without_its_certificate_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^holds no certificate; put it"):
        read_chain(KEY)


def test_a_certificate_without_its_key_is_refused() -> None:
    with pytest.raises(ValueError, match="without its private key"):
        read_chain(issuer.issue(["Robot"], NOW, NOW + 10).pem())


@given(st.binary(max_size=200))
def test_a_certificate_that_cannot_be_read_is_refused(junk: bytes) -> None:
    whole = issuer.RIGHT
    broken = whole[:60] + junk + b"!" + whole[61:]
    with pytest.raises(ValueError, match="holds a certificate"):
        read_chain(broken)


@pytest.mark.parametrize(
    ("content", "is_one"), [(issuer.RIGHT, True), (KEY, True), (b"eyJ.eyJ.x", False), (b"", False)]
)
def test_a_pem_file_is_known_by_its_first_words(content: bytes, is_one: bool) -> None:
    assert is_pem(content) is is_one
