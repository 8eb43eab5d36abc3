"""Endpoints of CEs, which the catalogue writes with or without scheme and port."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|[0-9a-f:]+:[0-9a-f:.]*")
PORTS = {"htcondor-ce": 9619, "arc-ce": 443, "cream-ce": 8443}
GRIDFTP = 2811  # where ARC was spoken to before it had a REST interface
SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*://", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where a CE listens."""

    host: str
    port: int
    path: str = ""

    @property
    def url(self) -> str:
        """The address with everything in it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"https://{host}:{self.port}{self.path}"


def read_endpoint(written: str, flavour: str) -> Endpoint:
    """The endpoint of a CE of this flavour, the port as usual unless it is written.

    `ValueError` says what is wrong.  The old port of an ARC CE is that of an interface that is gone.
    """
    if not written:
        raise ValueError("there is no ce_endpoint")
    try:
        parts = urlsplit("//" + SCHEME.sub("", written.strip()))
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError as error:
        raise ValueError(f"ce_endpoint {written[:80]!r} is no address: {error}") from error
    usual = PORTS.get(flavour)
    if not HOST.fullmatch(host) or "@" in parts.netloc:
        raise ValueError(f"ce_endpoint {written[:80]!r} is no address")
    if flavour == "arc-ce" and port == GRIDFTP:
        port = usual
    if not (port or usual):
        raise ValueError(f"ce_endpoint {written[:80]!r} has no port, and CEs of this flavour no usual one")
    return Endpoint(host=host, port=port or usual or 0, path=parts.path.rstrip("/"))
