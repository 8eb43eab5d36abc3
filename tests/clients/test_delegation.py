"""Proxies speak for who signed them, no longer than any signer lives, and are what OpenSSL takes."""

import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509 import load_pem_x509_certificates
from hypothesis import given, settings
from hypothesis import strategies as st

import issuer
from autopyfactory.clients.certificates import is_proxy, read_chain
from autopyfactory.clients.delegation import EARLIER, Signer, delegate, read_signer
from autopyfactory.errors import Unavailable

NOW = 2_000_000_000.0
HOUR = timedelta(hours=1)
ROBOT = issuer.issue(["Robot"], NOW - 9000, NOW + 90_000)
SIGNER = Signer(chain=[ROBOT.certificate], key=ROBOT.key)


def test_a_proxy_speaks_for_its_signer() -> None:
    content = delegate(SIGNER, NOW, HOUR)
    chain = read_chain(content)
    assert chain.subject == "/DC=testbed/CN=Robot"
    assert (chain.begin, chain.end) == (NOW - EARLIER.total_seconds(), NOW + 3600)
    proxy, robot = load_pem_x509_certificates(content)
    assert is_proxy(proxy)
    assert robot == ROBOT.certificate
    proxy.verify_directly_issued_by(robot)
    key = load_pem_private_key(content, None)
    assert isinstance(key, rsa.RSAPrivateKey)
    assert key.public_key() == proxy.public_key()


def test_each_has_a_key_and_a_name_of_its_own() -> None:
    first, second = (load_pem_x509_certificates(delegate(SIGNER, NOW, HOUR))[0] for _ in range(2))
    assert first.subject != second.subject
    assert first.public_key() != second.public_key()


@settings(max_examples=10, deadline=None)
@given(st.integers(60, 10**6), st.integers(60, 10**6), st.integers(60, 10**6))
def test_none_lives_longer_than_what_signs_it(robot: int, first: int, second: int) -> None:
    certificate = issuer.issue(["Robot"], NOW - 60, NOW + robot)
    signer = Signer(chain=[certificate.certificate], key=certificate.key)
    parent = delegate(signer, NOW, timedelta(seconds=first))
    child = delegate(read_signer(parent, parent), NOW, timedelta(seconds=second))
    assert read_chain(child).end == NOW + min(robot, first, second)
    assert read_chain(child).begin == NOW - 60


def test_openssl_takes_a_proxy_of_a_proxy(tmp_path: Path) -> None:
    parent = delegate(SIGNER, NOW, HOUR)
    content = delegate(read_signer(parent, parent), NOW, HOUR)
    leaf, behind = tmp_path / "leaf", tmp_path / "behind"
    leaf.write_bytes(content)
    behind.write_bytes(parent)
    (tmp_path / "ca").write_bytes(ROBOT.pem())
    words = ["openssl", "verify", "-allow_proxy_certs", "-partial_chain", "-attime", str(int(NOW))]
    words += ["-trusted", str(tmp_path / "ca"), "-untrusted", str(behind), str(leaf)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.stdout == f"{leaf}: OK\n", done.stderr


def test_what_has_expired_signs_nothing() -> None:
    with pytest.raises(Unavailable, match=r"^what signs it expired at 2033-05-19T04:33:20Z$"):
        delegate(SIGNER, NOW + 90_000, HOUR)


ED25519 = ed25519.Ed25519PrivateKey.generate().private_bytes(
    Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
)
LOCKED = ROBOT.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"word"))


@pytest.mark.parametrize(
    ("certificates", "private", "sentence"),
    [
        (ROBOT.pem(), LOCKED, "the private key has a pass phrase, which nobody here can type"),
        (ROBOT.pem(), b"s3cret", "there is no private key that can be read"),
        (ROBOT.pem(), ED25519, "the private key is neither RSA nor EC"),
        (b"s3cret", ROBOT.private(), "there is no certificate that can be read"),
        (issuer.RIGHT, ROBOT.private(), "the private key does not belong to the certificate"),
    ],
)
def test_what_cannot_sign_is_refused_and_not_repeated(
    certificates: bytes, private: bytes, sentence: str
) -> None:
    with pytest.raises(ValueError, match=f"^{sentence}$"):
        read_signer(certificates, private)
