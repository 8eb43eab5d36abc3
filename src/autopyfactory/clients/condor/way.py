"""As whom a section comes to its schedd: as it is configured, or by the token of a credential."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from autopyfactory.clients.condor.client import CLIENTS, Clients, Connection
from autopyfactory.clients.condor.identity import Identity
from autopyfactory.errors import ConfigError

TYPE = "idtoken"  # of the credentials that hold a token of HTCondor's own


class Bearer(Protocol):
    """A credential as a section is handed it."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def type(self) -> str:
        """What it is."""
        ...

    def read(self) -> object:
        """Raises `Unavailable` where it is not valid now."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """As whom a section comes to its schedd."""

    identity: Identity
    bearer: Bearer | None = None

    def connect(self, clients: Clients = CLIENTS) -> Connection:
        """A connection that looks at the credential before each call, if there is one."""
        return Connection(self.identity, clients, self.bearer.read if self.bearer else None)


def find_way(identity: Identity, state: str, bearers: Sequence[Bearer]) -> Way:
    """By the token of the credential that a section names; `ConfigError` where it is of another type."""
    for bearer in bearers:
        if bearer.type != TYPE:
            raise ConfigError(f"credential '{bearer.name}' is of type {bearer.type}, and must be an {TYPE}")
        folder = str(token_folder(state, bearer.name))
        return Way(
            identity=replace(identity, settings=(*identity.settings, *settings(folder))), bearer=bearer
        )
    return Way(identity=identity)


def settings(folder: str) -> Iterator[tuple[str, str]]:
    """Settings of HTCondor for who comes by the token in this folder; what is sent is encrypted."""
    for what in ("AUTHENTICATION", "ENCRYPTION", "INTEGRITY"):
        yield f"SEC_CLIENT_{what}", "REQUIRED"
    yield "SEC_CLIENT_AUTHENTICATION_METHODS", "IDTOKENS"
    yield "SEC_TOKEN_DIRECTORY", folder
    yield "SEC_TOKEN_SYSTEM_DIRECTORY", folder  # where root's tools look


def token_folder(state: str, name: str) -> Path:
    """Where the token of the credential `name` lies alone, so that HTCondor takes no other."""
    return Path(state).absolute() / "credentials" / f"{name}.d"
