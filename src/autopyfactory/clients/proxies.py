"""Proxies that we make ourselves: kept in a file, looked at, and made anew in time."""

import re
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, NamedTuple, Self

from pydantic import AfterValidator, Field, model_validator

from autopyfactory.clients.account import Account
from autopyfactory.clients.certificates import Chain, read_chain
from autopyfactory.clients.command import Words
from autopyfactory.clients.kept import KeptFile, keep
from autopyfactory.clients.program import missing
from autopyfactory.clients.there import Folder, There
from autopyfactory.clients.voms import VomsClient, client
from autopyfactory.errors import Unavailable
from autopyfactory.fields import timestamp
from autopyfactory.options import CredentialSection, Duration, Location, Timeout

SHORTEST = timedelta(minutes=10)
AHEAD = timedelta(minutes=2)  # before it is of no use any more
VOMS = re.compile(r"[A-Za-z0-9][\w.-]*(:/[\w./=-]+)?")


def check_voms(voms: str) -> str:
    """The words that VOMS understands, or none; `ValueError` for others."""
    if voms and not VOMS.fullmatch(voms):
        raise ValueError(
            f"is neither a VO nor attributes of one, such as 'atlas:/atlas/Role=pilot': {voms!r}"
        )
    return voms


class ProxySection(CredentialSection):
    """What all proxies understand that the factory makes."""

    path: Location | None = None
    """Where the proxy is kept; unset: 'credentials/NAME' in the state folder."""
    voms: Annotated[str, AfterValidator(check_voms)] = ""
    """Whose attributes it carries, 'atlas' or 'atlas:/atlas/Role=production'; empty: nobody's."""
    lifetime: Annotated[Duration, Field(ge=SHORTEST)] = timedelta(days=4)
    """How long it is to be valid; who grants its parts may grant less."""
    renew: Duration | None = None
    """How long before its end it is renewed, at half of its life at the earliest; unset: then."""
    timeout: Timeout = timedelta(seconds=60)
    """How long one run of a program may take."""
    owner: Account = ""
    """The account that the file is given to, where the factory runs as root; empty: the factory's own."""
    certificates: Folder | None = None
    """The folder of the CAs' certificates; unset: where the system has it."""
    vomses: There | None = None
    """The file, or folder of files, that tells where VOMS servers are; unset: where the system has it."""
    voms_program: Words = ("voms-proxy-init",)
    """The program that asks VOMS servers, with first words of its own if any."""

    @model_validator(mode="after")
    def check_programs(self) -> Self:
        """What will be run is there."""
        if self.voms and (fault := missing(self.voms_program[0])):
            raise ValueError(f"voms_program {fault}")
        return self

    @property
    def environment(self) -> Mapping[str, str]:
        """What programs of the grid find in their environment."""
        return {"X509_CERT_DIR": str(self.certificates)} if self.certificates else {}

    def voms_client(self) -> VomsClient:
        """Who fetches the attributes."""
        return client(self.voms_program, self.environment, self.timeout, self.voms, self.vomses)

    def locate(self, state: str, name: str) -> Path:
        """Where the proxy is kept."""
        return self.path.absolute() if self.path else Path(state).absolute() / "credentials" / name


class Facts(NamedTuple):
    """What is to be known of a proxy; times are seconds since the epoch."""

    path: Path
    subject: str
    begin: float
    end: float
    last: float  # when what it is made from ends; infinite: it does not, or nobody knows


class ProxyFile:
    """A proxy in a file of ours, as its section wants it."""

    def __init__(self, path: Path, options: ProxySection, wall: Callable[[], float] = time.time) -> None:
        self.path = path
        self._options = options
        self._file = KeptFile(path, read_chain, f"'{path}' is not there yet: the daemon makes it")
        self._wall = wall

    def read(self) -> Chain:
        """What it says now; `Unavailable` where there is none that could be used."""
        return self._file.read()

    def facts(self, made: int) -> Facts:
        """What is to be known of it now; the `made` newest of its chain are made anew with it."""
        chain = self.read()
        return Facts(self.path, chain.holder, chain.begin, chain.end, chain.last(made))

    def is_due(self, signer: bytes = b"") -> bool:
        """Whether it is time to make it: there is none, it nears its end, or it is not what is asked for.

        `signer` is a digest of the certificate that has to sign it, if that is known.
        """
        try:
            now = self.read()
        except Unavailable:
            return True
        if (signer and now.signer != signer) or not has_attributes(now, self._options.voms):
            return True
        half = (now.end - now.begin) / 2
        wanted = half if self._options.renew is None else self._options.renew.total_seconds()
        latest = (self._options.minimum + AHEAD).total_seconds()
        return now.end - self._wall() <= min(half, max(wanted, latest))

    def replace(self, content: bytes) -> None:
        """Keep a new proxy, if it is as it was asked for and lives longer than the one there is.

        Raises `Unavailable`, and leaves the old one, when it does not.
        """
        try:
            chain = read_chain(content)
        except ValueError as error:
            raise Unavailable(f"the new proxy {error}") from error
        self._judge(chain)
        try:
            keep(self.path, content, self._options.owner)
        except OSError as error:
            raise Unavailable(f"'{self.path}' cannot be written: {error.strerror}") from error

    def _judge(self, chain: Chain) -> None:
        if not has_attributes(chain, self._options.voms):
            granted = ", ".join(chain.attributes) or "none"
            raise Unavailable(f"the new proxy lacks the attributes of {self._options.voms}; it has {granted}")
        end = timestamp(chain.end)
        if chain.end - self._wall() <= self._options.minimum.total_seconds():
            raise Unavailable(f"the new proxy would end at {end}, too soon")
        if not self.is_better(chain):
            raise Unavailable(f"the new proxy would end at {end}, no later than the one there is")

    def is_better(self, chain: Chain) -> bool:
        """Whether a proxy should take the place of the one there is."""
        try:
            now = self.read()
        except Unavailable:
            return True
        if now.subject != chain.subject or not has_attributes(now, self._options.voms):
            return True
        return chain.end > now.end


def has_attributes(chain: Chain, voms: str) -> bool:
    """Whether it carries what is asked for: any attributes of a VO, or those that are named."""
    _, _, wanted = voms.partition(":")
    if not wanted:
        return not voms or bool(chain.attributes)
    return any(name == wanted or name.startswith(f"{wanted}/") for name in chain.attributes)
