"""Credential `idtoken`: a token of HTCondor's own, by which the factory comes to a schedd."""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from autopyfactory.clients.condor.fields import File, Name
from autopyfactory.clients.condor.tokens import CREATE, FETCH, find_token, make_token
from autopyfactory.clients.condor.way import token_folder
from autopyfactory.clients.kept_token import KeptToken, refuse_short
from autopyfactory.clients.program import missing
from autopyfactory.clients.tokens import read_token
from autopyfactory.errors import Unavailable
from autopyfactory.model import CredentialType, Place, Proof
from autopyfactory.options import CredentialSection, Duration, Location, Timeout, write_duration

SHORTEST = timedelta(minutes=1)
Word = Annotated[str, Field(pattern=r"^[A-Za-z0-9][\w.@/+:-]*$")]  # nothing that a tool takes for an option


class IdtokenOptions(CredentialSection):
    """A token of HTCondor's own."""

    identity: Word | None = None
    """For whom it is made here ('factory@example.org'), by condor_token_create with a signing key."""
    key: Word | None = None
    """Name of the signing key; unset: POOL, or what the pool's daemon chooses."""
    tokens: Location | None = None
    """Folder where something else keeps tokens; the one that is valid longest is taken."""
    collector: Name = ""
    """Collector of the pool ('host:port') that is asked by condor_token_fetch; unset: as configured."""
    schedd: Name = ""
    """Schedd that is asked; unset: the one of this machine."""
    authorizations: tuple[Word, ...] = ()
    """What it is limited to, ['READ', 'WRITE']; empty: to nothing."""
    lifetime: Annotated[Duration, Field(ge=SHORTEST)] = timedelta(days=1)
    """How long it is to be valid; a daemon may grant less."""
    renew: Duration | None = None
    """How long before its end it is renewed; unset: when half of its life is over."""
    config: File | None = None
    """HTCondor configuration for the tool, instead of CONDOR_CONFIG or /etc/condor/condor_config."""
    programs: Location | None = None
    """Folder of HTCondor's tools; unset: they are looked for in PATH."""
    timeout: Timeout = timedelta(seconds=60)
    """How long the tool may take."""

    @model_validator(mode="after")
    def check_way(self) -> Self:
        """There is one way to come to it, and the tool is there."""
        for name in ("identity", "key", "collector", "schedd", "authorizations"):
            if self.tokens is not None and getattr(self, name):
                raise ValueError(f"{name} is for a token that is made, and tokens takes one that is there")
        if self.identity and (self.collector or self.schedd):
            raise ValueError("identity makes a token here; collector and schedd are for one that is fetched")
        if self.lifetime <= self.minimum:
            raise ValueError(f"lifetime must be more than minimum, {write_duration(self.minimum)}")
        if self.tokens is None and (sentence := missing(self.tool)):
            raise ValueError(sentence)
        return self

    @property
    def tool(self) -> str:
        """The program that makes it."""
        name = CREATE if self.identity else FETCH
        return str(self.programs / name) if self.programs else name

    def words(self) -> Iterator[str]:
        """The tool and its arguments; there is no secret among them."""
        yield self.tool
        pairs = {"-identity": self.identity, "-key": self.key, "-pool": self.collector, "-name": self.schedd}
        for name, value in pairs.items():
            yield from (name, value) if value else ()
        for authorization in self.authorizations:
            yield from ("-authz", authorization)
        yield from ("-lifetime", f"{self.lifetime.total_seconds():.0f}")


class IdtokenCredential:
    """A token made by HTCondor's tools, or taken from a folder, and kept in a folder of its own.

    HTCondor looks into that folder each time that it has to prove itself.
    """

    options: ClassVar[type[IdtokenOptions]] = IdtokenOptions
    type: ClassVar[CredentialType] = CredentialType.IDTOKEN

    def __init__(self, options: IdtokenOptions, place: Place) -> None:
        folder = token_folder(place.state, place.section)
        wish = {"identity", "key", "tokens", "collector", "schedd", "authorizations", "config"}
        self._options = options
        self._kept = KeptToken(
            folder / "token", folder.with_suffix(".json"), options.model_dump(mode="json", include=wish)
        )
        self.keeps = self._kept.files

    def proof(self) -> Proof:
        """The token that is kept; read anew when its file changed."""
        record = self._kept.read()
        return Proof(path=self._kept.path, subject=record.subject, begin=record.begin, end=record.end)

    def renew(self) -> None:
        """Come to a new token, where the one that is kept is none or will soon end."""
        options, now = self._options, time.time()
        if not self._kept.is_due(now, options.minimum, options.renew):
            return
        text = self._come_by(options.tokens)
        try:
            token = read_token(text.encode())
        except ValueError as error:
            raise Unavailable(f"what came {error}") from error
        refuse_short(token.end, now, options.minimum)
        self._kept.keep(text, subject=token.subject, begin=token.begin, end=token.end)

    def _come_by(self, folder: Path | None) -> str:
        if folder is not None:
            return find_token(folder)
        config = self._options.config
        environment = {"CONDOR_CONFIG": str(config)} if config else {}
        return make_token([*self._options.words()], environment, self._options.timeout)
