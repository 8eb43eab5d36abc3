"""X.509 files as grids know them: a proxy or a certificate, its private key, and the chain behind it."""

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509.oid import NameOID, ObjectIdentifier

from autopyfactory.clients.attributes import EXTENSION, Attributes, read_attributes
from autopyfactory.clients.printable import printable

PEM = b"-----BEGIN "  # of a certificate, or of its key
CERTIFICATE = PEM + b"CERTIFICATE-----"
PROXY = ObjectIdentifier("1.3.6.1.5.5.7.1.14")  # proxyCertInfo, RFC 3820
LEGACY = {"proxy", "limited proxy"}  # the last common name of proxies before that
SHORT = {
    NameOID.DOMAIN_COMPONENT: "DC",
    NameOID.COUNTRY_NAME: "C",
    NameOID.STATE_OR_PROVINCE_NAME: "ST",
    NameOID.LOCALITY_NAME: "L",
    NameOID.ORGANIZATION_NAME: "O",
    NameOID.ORGANIZATIONAL_UNIT_NAME: "OU",
    NameOID.COMMON_NAME: "CN",
    NameOID.EMAIL_ADDRESS: "emailAddress",
    NameOID.USER_ID: "UID",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """What a file of certificates says: for whom it speaks, and when (seconds since the epoch)."""

    subject: str  # '/DC=org/CN=Robot', of the certificate behind all proxies
    begin: float
    end: float  # of the first of them that expires, the VOMS attributes included
    attributes: tuple[str, ...] = ()  # '/atlas/Role=production/Capability=NULL', the first counts most
    signer: bytes = b""  # a digest of the certificate that signed the first; empty: it is not there
    ends: tuple[float, ...] = ()  # of each, beginning with the newest

    @property
    def holder(self) -> str:
        """Who speaks, and as what: '/DC=org/CN=Robot as /atlas/Role=production'."""
        names = [name.removesuffix("/Capability=NULL").removesuffix("/Role=NULL") for name in self.attributes]
        return f"{self.subject} as {names[0]}" if names else self.subject

    def last(self, made: int) -> float:
        """When the first of those ends that are not the `made` newest; infinite where there are no more."""
        return min(self.ends[made:], default=math.inf)


def is_pem(content: bytes) -> bool:
    """Whether there is a certificate or a key in it."""
    return PEM in content


def read_chain(content: bytes) -> Chain:
    """What the certificates in a PEM file come to; signatures are not checked.

    Raises `ValueError` for what cannot be read, and for a file without its private key.
    """
    if CERTIFICATE not in content:
        raise ValueError("holds no certificate; put it and its private key into one file, as proxies have it")
    if b"PRIVATE KEY-----" not in content:
        raise ValueError(
            "holds a certificate without its private key; put both into one file, as proxies have it"
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CryptographyDeprecationWarning)  # old CAs are not ours to mend
        try:
            chain = x509.load_pem_x509_certificates(content)
            carried = find_attributes(chain)
            subject = printable(write_name(holder(chain).subject))
        except ValueError as error:
            raise ValueError("holds a certificate that cannot be read") from error
    begins = [certificate.not_valid_before_utc.timestamp() for certificate in chain]
    ends = [certificate.not_valid_after_utc.timestamp() for certificate in chain]
    said = Chain(
        subject=subject,
        begin=max(begins),
        end=min(ends),
        signer=digest(chain[1]) if len(chain) > 1 else b"",
        ends=tuple(ends),
    )
    return said if carried is None else restrict(said, read_attributes(carried))


def restrict(chain: Chain, granted: Attributes) -> Chain:
    """The chain with attributes, which it needs as long as it is to be of use."""
    begin, end = max(chain.begin, granted.begin), min(chain.end, granted.end)
    return replace(chain, begin=begin, end=end, attributes=granted.names)


def digest(certificate: x509.Certificate) -> bytes:
    """What tells two certificates apart."""
    return certificate.fingerprint(hashes.SHA256())


def find_attributes(chain: Sequence[x509.Certificate]) -> bytes | None:
    """The VOMS attributes that a site sees: of the first that has any, beginning with the proxy itself."""
    found = (extension for certificate in chain for extension in certificate.extensions)
    return next((one.value.public_bytes() for one in found if one.oid.dotted_string == EXTENSION), None)


def holder(chain: Sequence[x509.Certificate]) -> x509.Certificate:
    """The certificate of a person, robot or host: the first that is no proxy."""
    return next((certificate for certificate in chain if not is_proxy(certificate)), chain[-1])


def is_proxy(certificate: x509.Certificate) -> bool:
    """Whether it was signed by a certificate of a person, robot or host, or by another proxy."""
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    if names and names[-1].value in LEGACY:
        return True
    return any(extension.oid == PROXY for extension in certificate.extensions)


def write_name(name: x509.Name) -> str:
    """A distinguished name as grids write it: '/DC=org/DC=example/CN=Robot'."""
    return "".join(f"/{SHORT.get(part.oid, part.oid.dotted_string)}={part.value!s}" for part in name)
