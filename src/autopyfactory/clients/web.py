"""One request over HTTP(S) and its whole answer: checked, bounded in time and size, or plainly refused."""

import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import urllib3

from autopyfactory.errors import Unavailable

LARGEST = 64 * 2**20  # bytes of an answer
PIECE = 2**16
EXCERPT = 100  # characters of an answer that is none
CONNECT = 10.0  # seconds, at most, for a server to take up the connection
AGENT = {"User-Agent": "autopyfactory", "Accept-Encoding": "gzip"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a server answered, whatever its status."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def excerpt(self) -> str:
        """The beginning of the body, quoted, on one line."""
        text = " ".join(self.body[: 4 * EXCERPT].decode(errors="replace").split())
        return repr(text[:EXCERPT]) if text else "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """Requests to servers whose certificates these authorities have signed.

    `authorities` is a folder of CA certificates named by hash, or a file of them; None: the system's.
    Every request has a connection of its own: proxies and authorities change under the same names.
    """

    authorities: Path | None = None

    def request(
        self,
        method: str,
        url: str,
        *,
        seconds: float,
        certificate: Path | None = None,
        headers: Mapping[str, str] | None = None,
        **content: Any,
    ) -> Reply:
        """The reply, within about `seconds`; `certificate` is a file with its private key.

        `content` is `json=...`, `fields={...}` or `body=...`.  Redirections are not followed.  Raises
        `Unavailable` when there is no reply, a partial one, or none that can be trusted.
        """
        deadline = time.monotonic() + seconds
        timeout = urllib3.Timeout(connect=min(seconds, CONNECT), read=seconds)
        try:
            is_secure = url.startswith("https:") or certificate is not None
            context = secure(self.authorities, certificate) if is_secure else None
            with urllib3.PoolManager(retries=False, timeout=timeout, ssl_context=context) as pool:
                answer = pool.request(
                    method,
                    url,
                    headers={**AGENT, **(headers or {})},
                    preload_content=False,
                    redirect=False,
                    **content,
                )
                body = read(answer, deadline)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise Unavailable(f"{url}: {plain(error)}") from error
        return Reply(status=answer.status, body=body, headers=answer.headers)


def check_address(text: str) -> str:
    """An address without its last '/'; `ValueError` where it is none, or holds more than host and path."""
    scheme, _, rest = text.rstrip("/").partition("://")
    host = rest.partition("/")[0]
    if scheme not in ("https", "http") or not host or set("@?#") & set(rest):
        raise ValueError(f"{text!r} is no address; write 'https://HOST:PORT/PATH'")
    return f"{scheme}://{rest}"


def secure(authorities: Path | None, certificate: Path | None) -> ssl.SSLContext:
    """TLS that believes these authorities and shows this certificate; `Unavailable` names a wrong file."""
    if authorities is None:
        context = ssl.create_default_context()
    else:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        with named(authorities):
            if authorities.is_dir():
                context.load_verify_locations(capath=authorities)
            else:
                context.load_verify_locations(cafile=authorities)
    if certificate is not None:
        with named(certificate):
            context.load_cert_chain(certificate)
    return context


@contextmanager
def named(path: Path) -> Iterator[None]:
    """`Unavailable` with the path, which no error of TLS tells."""
    try:
        yield
    except OSError as error:
        raise Unavailable(f"'{path}': {plain(error)}") from error


def read(answer: urllib3.BaseHTTPResponse, deadline: float) -> bytes:
    """The whole body; `OSError` when it takes too long or does not end."""
    body = bytearray()
    while piece := answer.read1(PIECE, decode_content=True):
        body += piece
        if len(body) > LARGEST:
            raise OSError(f"the answer is larger than {LARGEST} bytes")
        if time.monotonic() > deadline:
            raise OSError("the answer did not end in time")
    return bytes(body)


def plain(error: BaseException) -> str:
    """What is wrong, without the names of objects and libraries."""
    if isinstance(error, urllib3.exceptions.NameResolutionError):
        return "there is no host of that name"
    while (cause := error.__cause__ or error.__context__) is not None:
        error = cause
    if isinstance(error, TimeoutError | urllib3.exceptions.TimeoutError):
        return "no answer in time"
    return str(getattr(error, "strerror", None) or getattr(error, "reason", None) or error)
