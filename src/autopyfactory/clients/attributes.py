"""VOMS attribute certificates, as a proxy carries them: which attributes, and until when.

Libraries read certificates, but not these (RFC 3281), so the little of DER that it takes is here.
"""

import base64
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from autopyfactory.clients.printable import printable

EXTENSION = "1.3.6.1.4.1.8005.100.100.5"  # of a proxy: a sequence of a sequence of attribute certificates
NAMES = bytes.fromhex(
    "2b060104 01be4564 6404"
)  # 1.3.6.1.4.1.8005.100.100.4: the attribute that holds the names
BEGIN, END = b"-----BEGIN ATTRIBUTE CERTIFICATE-----", b"-----END ATTRIBUTE CERTIFICATE-----"
SEQUENCE, OCTETS = 0x30, 0x04
VALIDITY, ATTRIBUTES = 5, 6  # places in the information of an attribute certificate
TIME = "%Y%m%d%H%M%SZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attributes:
    """What an extension grants, and when (seconds since the epoch)."""

    names: tuple[str, ...]  # '/atlas/Role=production/Capability=NULL', the first counts most
    begin: float
    end: float  # of the first that expires


def read_attributes(extension: bytes) -> Attributes:
    """What all attribute certificates of an extension come to; signatures are not checked.

    Raises `ValueError` for what cannot be read.
    """
    try:
        found = [
            read_one(one) for outer in parts(extension) for inner in parts(outer) for one in parts(inner)
        ]
        return Attributes(
            names=tuple(name for one in found for name in one.names),
            begin=max(one.begin for one in found),
            end=min(one.end for one in found),
        )
    except (ValueError, IndexError) as error:
        raise ValueError("holds VOMS attributes that cannot be read") from error


def read_one(certificate: bytes) -> Attributes:
    """What one attribute certificate says, of which this is the content."""
    information = parts(parts(certificate)[0])
    begin, end = (
        datetime.strptime(moment.decode("ascii"), TIME).replace(tzinfo=UTC).timestamp()
        for moment in parts(information[VALIDITY])
    )
    return Attributes(names=tuple(read_names(information[ATTRIBUTES])), begin=begin, end=end)


def read_names(attributes: bytes) -> Iterator[str]:
    """The names among the attributes, in their order."""
    for kind, values in (parts(attribute) for attribute in parts(attributes)):
        if kind == NAMES:
            for value in parts(values):
                yield from (printable(name.decode()) for name in parts(parts(value)[-1]))


def parts(content: bytes) -> list[bytes]:
    """The contents of all elements that stand one after the other."""
    return [element for _, element in elements(content)]


def elements(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Tag and content of all elements that stand one after the other; `ValueError` for what is no DER."""
    while content:
        length, begin = content[1], 2
        if length & 0x80:
            begin += length & 0x7F
            length = int.from_bytes(content[2:begin], "big")
        if len(content) < begin + length:
            raise ValueError("an element is cut off")
        yield content[0], content[begin : begin + length]
        content = content[begin + length :]


def wrap(tag: int, content: bytes) -> bytes:
    """An element of DER."""
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def make_extension(certificates: Iterable[bytes]) -> bytes:
    """The extension that carries attribute certificates."""
    return wrap(SEQUENCE, wrap(SEQUENCE, b"".join(certificates)))


def unpack(pem: bytes) -> list[bytes]:
    """The attribute certificates of a PEM file; `ValueError` where there is none that can be read."""
    blocks = [block.partition(END)[0] for block in pem.split(BEGIN)[1:]]
    if not blocks:
        raise ValueError("holds no attribute certificate")
    return [base64.b64decode(block) for block in blocks]
