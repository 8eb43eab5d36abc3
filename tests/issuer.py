"""Certificates, proxies and tokens that a test asks for, with the moments that it wants."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID, ObjectIdentifier

from autopyfactory.clients.attributes import (
    BEGIN,
    END,
    EXTENSION,
    NAMES,
    OCTETS,
    SEQUENCE,
    make_extension,
    wrap,
)

PROXY = ObjectIdentifier("1.3.6.1.5.5.7.1.14")
INHERIT_ALL = bytes.fromhex("300c300a06082b06010505071501")  # proxyCertInfo of a proxy that may do everything
SECRET = "not checked by who only reads the token"  # long enough for HS256


@dataclass
class Certificate:
    """A certificate and its private key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    issuers: "Sequence[Certificate]" = field(default_factory=tuple)

    def pem(self) -> bytes:
        """The certificate itself."""
        return self.certificate.public_bytes(Encoding.PEM)

    def private(self) -> bytes:
        """Its key."""
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())

    def chain(self) -> bytes:
        """As a proxy file has them: the certificate, its key, and who signed it."""
        return self.pem() + self.private() + b"".join(issuer.pem() for issuer in self.issuers)


def issue(
    names: Sequence[str], begin: float, end: float, issuer: Certificate | None = None, *, proxy: bool = False
) -> Certificate:
    """A certificate, self-signed or by `issuer`, for common names in this order."""
    key = ec.generate_private_key(ec.SECP256R1())
    site = x509.NameAttribute(NameOID.DOMAIN_COMPONENT, "testbed")
    subject = x509.Name([site, *(x509.NameAttribute(NameOID.COMMON_NAME, name) for name in names)])
    builder = (
        x509.CertificateBuilder(subject_name=subject, public_key=key.public_key())
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.fromtimestamp(begin, UTC))
        .not_valid_after(datetime.fromtimestamp(end, UTC))
    )
    if proxy:
        builder = builder.add_extension(x509.UnrecognizedExtension(PROXY, INHERIT_ALL), critical=True)
    signed = builder.sign(issuer.key if issuer else key, hashes.SHA256())
    return Certificate(signed, key, (issuer, *issuer.issuers) if issuer else ())


def proxy(begin: float, end: float, *, robot_end: float | None = None) -> bytes:
    """An RFC proxy of '/DC=testbed/CN=Robot', whose own certificate ends at `robot_end` or a day later."""
    robot = issue(["Robot"], begin, end + 86_400 if robot_end is None else robot_end)
    return issue(["Robot", "4711"], begin, end, robot, proxy=True).chain()


def token(**claims: Any) -> bytes:
    """A token with these claims, and the line break that most files have."""
    return jwt.encode(claims, SECRET, algorithm="HS256").encode() + b"\n"


def as_json(claims: Any) -> bytes:
    """Claims that PyJWT would refuse to write."""
    return json.dumps(claims).encode()


def keep(path: Path, content: bytes, mode: int = 0o600) -> Path:
    """Write a file as something that renews does it: another one takes its place."""
    new = path.with_name(f"{path.name}.new")
    new.write_bytes(content)
    new.chmod(mode)
    return new.replace(path)


RIGHT = proxy(0.0, 2_100_000_000.0)
"""A proxy that is valid until 2036."""


def attribute_certificate(names: Sequence[str], begin: float, end: float, kind: bytes = NAMES) -> bytes:
    """An attribute certificate as VOMS makes it, but for its signature, with these names."""
    values = wrap(SEQUENCE, b"".join(wrap(OCTETS, name.encode()) for name in names))
    syntax = wrap(SEQUENCE, wrap(0xA0, wrap(0x86, b"atlas://voms.example.org:15000")) + values)
    attribute = wrap(SEQUENCE, wrap(0x06, kind) + wrap(0x31, syntax))
    moments = (f"{datetime.fromtimestamp(moment, UTC):%Y%m%d%H%M%SZ}".encode() for moment in (begin, end))
    validity = wrap(SEQUENCE, b"".join(wrap(0x18, moment) for moment in moments))
    version, nothing, serial = wrap(0x02, b"\x01"), wrap(SEQUENCE, b""), wrap(0x02, b"\x07")
    information = version + nothing + wrap(0xA0, b"") + nothing + serial + validity
    information += wrap(SEQUENCE, attribute)
    return wrap(SEQUENCE, wrap(SEQUENCE, information) + nothing + wrap(0x03, b"\x00"))


def armour(certificate: bytes) -> bytes:
    """An attribute certificate as `voms-proxy-init -separate` writes it."""
    return b"\n".join([BEGIN, *base64.encodebytes(certificate).splitlines(), END, b""])


def carrying(robot: Certificate, attributes: bytes) -> bytes:
    """A proxy of `robot` that begins and ends with it and carries an attribute certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    own = robot.certificate
    name = x509.NameAttribute(NameOID.COMMON_NAME, "4711")
    extension = x509.UnrecognizedExtension(ObjectIdentifier(EXTENSION), make_extension([attributes]))
    signed = (
        x509.CertificateBuilder(issuer_name=own.subject, public_key=key.public_key(), serial_number=4711)
        .subject_name(x509.Name([*own.subject, name]))
        .not_valid_before(own.not_valid_before_utc)
        .not_valid_after(own.not_valid_after_utc)
        .add_extension(x509.UnrecognizedExtension(PROXY, INHERIT_ALL), critical=True)
        .add_extension(extension, critical=False)
        .sign(robot.key, hashes.SHA256())
    )
    return Certificate(signed, key, (robot,)).chain()
