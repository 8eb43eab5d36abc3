"""A section comes to its schedd as it is configured, or by the token of a credential."""

from dataclasses import dataclass

import pytest

from autopyfactory.clients.condor.client import Clients
from autopyfactory.clients.condor.identity import Identity
from autopyfactory.clients.condor.way import find_way, token_folder
from autopyfactory.errors import ConfigError, Unavailable

IDENTITY = Identity(collector="cm", settings=(("A", "b"),))


@dataclass
class Bearer:
    """A credential that is never valid."""

    name: str = "pool"
    type: str = "idtoken"

    def read(self) -> object:
        raise Unavailable("credential pool: expired", untouched=True)


def test_without_a_credential_all_is_as_it_is_configured() -> None:
    way = find_way(IDENTITY, "/state", [])
    assert (way.identity, way.bearer) == (IDENTITY, None)
    assert way.connect().identity == IDENTITY


def test_the_token_of_a_credential_is_the_only_one_and_what_is_sent_is_encrypted() -> None:
    settings = dict(find_way(IDENTITY, "/state", [Bearer()]).identity.settings)
    assert settings == {
        "A": "b",
        "SEC_CLIENT_AUTHENTICATION": "REQUIRED",
        "SEC_CLIENT_ENCRYPTION": "REQUIRED",
        "SEC_CLIENT_INTEGRITY": "REQUIRED",
        "SEC_CLIENT_AUTHENTICATION_METHODS": "IDTOKENS",
        "SEC_TOKEN_DIRECTORY": str(token_folder("/state", "pool")),
        "SEC_TOKEN_SYSTEM_DIRECTORY": str(token_folder("/state", "pool")),
    }


def test_nobody_is_asked_while_the_credential_is_not_valid() -> None:
    clients = Clients(("/bin/false",))
    with pytest.raises(Unavailable, match="credential pool: expired") as caught:
        find_way(IDENTITY, "/state", [Bearer()]).connect(clients).call("hello", {}, seconds=5)
    assert caught.value.untouched
    assert [client._child for client in clients._open.values()] == [None]


def test_a_credential_of_another_type_will_not_do() -> None:
    with pytest.raises(ConfigError, match="'proxy' is of type x509, and must be an idtoken"):
        find_way(IDENTITY, "/state", [Bearer("proxy", "x509")])
