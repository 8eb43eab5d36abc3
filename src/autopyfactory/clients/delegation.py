"""RFC proxies: a certificate of a few hours or days that speaks for another, signed by that one's key."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID, ObjectIdentifier

from autopyfactory.clients.attributes import EXTENSION, make_extension
from autopyfactory.clients.certificates import PROXY
from autopyfactory.errors import Unavailable
from autopyfactory.fields import timestamp

INHERIT_ALL = bytes.fromhex("300c300a06082b06010505071501")  # a proxy that may do all that its signer may
BITS = 2048  # as much as grids want; a proxy lives for days
EARLIER = timedelta(minutes=5)  # begin in the past, for sites whose clocks are behind


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """A certificate or proxy that can sign, with the chain behind it."""

    chain: Sequence[x509.Certificate]
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

    @property
    def certificate(self) -> x509.Certificate:
        """The certificate itself."""
        return self.chain[0]

    @property
    def end(self) -> datetime:
        """When the first of the chain expires."""
        return min(one.not_valid_after_utc for one in self.chain)


def read_signer(certificates: bytes, private: bytes) -> Signer:
    """The signer in PEM files, which may be one; `ValueError` says what is wrong, and nothing of the key."""
    try:
        key = load_pem_private_key(private, None)
    except TypeError as error:
        raise ValueError("the private key has a pass phrase, which nobody here can type") from error
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError("there is no private key that can be read") from None
    try:
        chain = x509.load_pem_x509_certificates(certificates)
    except ValueError as error:
        raise ValueError("there is no certificate that can be read") from error
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise ValueError("the private key is neither RSA nor EC")
    if write_public(key.public_key()) != write_public(chain[0].public_key()):
        raise ValueError("the private key does not belong to the certificate")
    return Signer(chain=chain, key=key)


def write_public(key: object) -> bytes:
    """A public key as it is compared."""
    written: bytes = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined]
    return written


def delegate(signer: Signer, now: float, lifetime: timedelta, attributes: Sequence[bytes] = ()) -> bytes:
    """A new proxy file, its key included: valid for `lifetime` from `now`, or as long as its signers are.

    It carries the attribute certificates given.  Raises `Unavailable` when a signer has expired.
    """
    parent, moment = signer.certificate, datetime.fromtimestamp(now, UTC)
    if signer.end <= moment:
        raise Unavailable(f"what signs it expired at {timestamp(signer.end.timestamp())}")
    key = rsa.generate_private_key(65537, BITS)
    serial = secrets.randbelow(2**31 - 1) + 1
    name = x509.RelativeDistinguishedName([x509.NameAttribute(NameOID.COMMON_NAME, str(serial))])
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([*parent.subject.rdns, name]))
        .issuer_name(parent.subject)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(max(moment - EARLIER, parent.not_valid_before_utc))
        .not_valid_after(min(moment + lifetime, signer.end))
        .add_extension(x509.UnrecognizedExtension(PROXY, INHERIT_ALL), critical=True)
        .add_extension(USAGE, critical=True)
    )
    if attributes:
        carried = x509.UnrecognizedExtension(ObjectIdentifier(EXTENSION), make_extension(attributes))
        builder = builder.add_extension(carried, critical=False)
    proxy = builder.sign(signer.key, hashes.SHA256())
    private = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    behind = b"".join(one.public_bytes(Encoding.PEM) for one in signer.chain)
    return proxy.public_bytes(Encoding.PEM) + private + behind


USAGE = x509.KeyUsage(
    digital_signature=True,
    key_encipherment=True,
    content_commitment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=False,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)
