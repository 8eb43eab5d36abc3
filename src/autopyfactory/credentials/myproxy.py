"""Credential `myproxy`: proxies of what somebody left at a MyProxy server, with VOMS attributes if wanted."""

import time
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Self

from pydantic import Field, model_validator

from autopyfactory.clients.command import Words
from autopyfactory.clients.delegation import delegate, read_signer
from autopyfactory.clients.kept import keep
from autopyfactory.clients.myproxy import MyProxyClient
from autopyfactory.clients.program import missing
from autopyfactory.clients.proxies import ProxyFile, ProxySection
from autopyfactory.clients.secret import Secret
from autopyfactory.errors import Unavailable
from autopyfactory.model import CredentialType, Place, Proof
from autopyfactory.options import Location

WORD = r"^[^\s-]\S*$"  # no option of the program


class MyProxyOptions(ProxySection):
    """A proxy of what lies at a MyProxy server."""

    host: Annotated[str, Field(pattern=WORD)]
    """The server's name, as it stands in its certificate."""
    port: Annotated[int, Field(ge=1, le=65535)] = 7512
    """Its port."""
    user: Annotated[str, Field(pattern=WORD)]
    """The user name under which the proxy was left there."""
    name: Annotated[str, Field(pattern=f"^$|{WORD}")] = ""
    """The name of one of several proxies of that user."""
    passphrase: Secret | None = None
    """File with the pass phrase, mode 600; unset: none is needed."""
    retriever: Location | None = None
    """File with a proxy, or a certificate and its key, that shows the server who asks."""
    program: Words = ("myproxy-logon",)
    """The program that asks MyProxy servers, with first words of its own if any."""

    @model_validator(mode="after")
    def check_proof(self) -> Self:
        """The program is there, and something proves that we may."""
        if self.passphrase is None and self.retriever is None:
            raise ValueError("neither passphrase nor retriever is set: the server would give nothing")
        if fault := missing(self.program[0]):
            raise ValueError(f"program {fault}")
        return self

    def client(self) -> MyProxyClient:
        """Who asks the server."""
        words = [
            "-s",
            self.host,
            "-p",
            str(self.port),
            "-l",
            self.user,
            *(["-k", self.name] if self.name else []),
        ]
        retriever = {"X509_USER_PROXY": str(self.retriever.absolute())} if self.retriever else {}
        environment = {**self.environment, **retriever}
        return MyProxyClient(self.program, environment, self.timeout, words, self.passphrase)


class MyProxy:
    """A proxy of what somebody left at a MyProxy server, fetched anew in time.

    With `voms` a proxy of it is made here that carries the attributes.  Its end is that of the first of
    its parts to end.  A proxy on disk that is good is kept.
    """

    options = MyProxyOptions
    type = CredentialType.X509

    def __init__(self, options: MyProxyOptions, place: Place) -> None:
        self._options = options
        self._file = ProxyFile(options.locate(place.state, place.section), options)
        self._server = options.client()
        self._voms = options.voms_client()
        self.keeps = (self._file.path,)

    def proof(self) -> Proof:
        """The proxy as it is now."""
        return Proof(**self._file.facts(made=2 if self._options.voms else 1)._asdict())

    def renew(self) -> None:
        """Fetch it anew if it is time."""
        if not self._file.is_due():
            return
        lifetime = self._options.lifetime
        fetched = self._server.fetch(lifetime)
        self._file.replace(self._with_attributes(fetched, lifetime) if self._options.voms else fetched)

    def close(self) -> None:
        """Kill a program that runs."""
        self._server.close()
        self._voms.close()

    def _with_attributes(self, fetched: bytes, lifetime: timedelta) -> bytes:
        try:
            signer = read_signer(fetched, fetched)
        except ValueError as error:
            raise Unavailable(f"{self._options.host} gave no proxy: {error}") from error
        with TemporaryDirectory(prefix="apf-myproxy-") as folder:
            file = Path(folder) / "proxy"
            keep(file, fetched)
            attributes = self._voms.fetch(file, file, lifetime)
        return delegate(signer, time.time(), lifetime, attributes)
