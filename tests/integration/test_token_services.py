"""Tokens of a real issuer: asked for, renewed, refused; a real PanDA server takes them."""

import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import issuer
from autopyfactory.clients.kept import read_secret
from autopyfactory.clients.panda.server import Access, Server
from autopyfactory.clients.tokens import Token, read_token
from autopyfactory.clients.web import Web
from autopyfactory.credentials.token import TokenCredential, TokenOptions
from autopyfactory.errors import Unavailable
from autopyfactory.model import Place
from autopyfactory.testing import until
from daemons import apf, daemon, status
from oidc import Oidc
from panda import Panda
from pools import Pool, up

CE = "https://ce.example.org"
CONFIG = """
[factory]
id = "{factory}"
state = "state"
log = "./factory.log"

[credential.robot]
kind = "token"
issuer = "{issuer}"
authorities = "{authority}"
client_id = "test-production"
client_secret = "{secret}"
scopes = ["compute.read"]
audiences = ["https://panda.example.org"]
minimum = "10s"
renew = "{renew}"
warn = "{warn}"

[source.panda]
kind = "panda"
url = "{panda}"
authorities = "{certificates}"
credential = "robot"
origin = "atlas.production"
specs = false
max_age = "100ms"

[target.none]
kind = "simulated"

[defaults]
interval = "1s"
source = "panda"
target = "none"
policies = [{{ kind = "ready" }}]

[queue.SITE]
work = {{ site = "SITE" }}
"""


@pytest.fixture(scope="module")
def oidc() -> Iterator[Oidc]:
    """An issuer whose tokens last for an hour."""
    with up(Oidc()) as provider:
        yield provider


@pytest.fixture(scope="module")
def server(oidc: Oidc) -> Iterator[Panda]:
    """A PanDA server that takes tokens of that issuer and no others, with seven jobs at SITE."""
    panda = Panda()
    panda.settings = {"TB_ISSUER": oidc.url, "TB_ISSUER_CA": str(oidc.authority)}
    with up(panda):
        panda.jobs("add", "SITE", "7")
        yield panda


Make = Callable[..., TokenCredential]


@pytest.fixture
def make(oidc: Oidc, tmp_path: Path) -> Make:
    """Makes a credential as a factory that starts does."""

    def make(**options: Any) -> TokenCredential:
        usual = {"issuer": oidc.url, "authorities": oidc.authority, "client_id": "robot"}
        place = Place(section="ce", factory="f", logs="logs", state=str(tmp_path / "state"))
        return TokenCredential(TokenOptions(**usual | options), place)

    return make


def bearer(credential: TokenCredential) -> Token:
    """What the token says that came."""
    credential.renew()
    return read_token(read_secret(credential.proof().path))


def refusal(credential: TokenCredential) -> str:
    with pytest.raises(Unavailable) as caught:
        credential.renew()
    return str(caught.value)


@pytest.mark.parametrize("wish", ["audiences", "resources"])
@pytest.mark.parametrize("client", ["robot", "robot-post"])
def test_a_robot_gets_a_token_for_whom_it_wants_and_what(
    make: Make, oidc: Oidc, client: str, wish: str
) -> None:
    scopes = ["compute.create", "compute.read"]
    credential = make(client_id=client, client_secret=oidc.secret, scopes=scopes, **{wish: [CE]})
    token = bearer(credential)
    assert (token.audience, token.scopes) == ((CE,), ("compute.create", "compute.read"))
    assert credential.proof().subject == f"{client} of {oidc.url} for {CE}"
    assert credential.proof().end == pytest.approx(time.time() + 3600, abs=60)


@pytest.mark.parametrize("client", ["robot", "person"])
def test_refresh_tokens_that_are_changed_at_each_use_are_followed(
    make: Make, oidc: Oidc, client: str, tmp_path: Path
) -> None:
    given = oidc.refresh_token if client == "robot" else oidc.person
    proved = {"client_secret": oidc.secret} if client == "robot" else {}
    options = {"client_id": client, "refresh_token": given, "audiences": [CE], "renew": "2h", **proved}
    ids = {bearer(make(**options)).subject for _ in range(3)}
    assert ids == {f"somebody of {oidc.url} for {CE}"}
    (tmp_path / "state" / "credentials" / "ce.json").unlink()  # now only the first one is known, long used
    said = refusal(make(**options))
    assert "refuses, 400: invalid_grant" in said
    assert read_secret(given).decode() not in said


def test_what_the_issuer_or_the_way_there_refuses_is_said(make: Make, oidc: Oidc, tmp_path: Path) -> None:
    wrong = issuer.keep(tmp_path / "wrong", b"n0t-the-secret")
    said = refusal(make(client_secret=wrong))
    assert said == f"{oidc.url}/token refuses, 401: invalid_client: client authentication failed"
    assert "invalid_target" in refusal(make(client_secret=oidc.secret, audiences=["no-address"]))
    assert "certificate verify failed" in refusal(make(client_secret=oidc.secret, authorities=None))
    nowhere = make(client_secret=oidc.secret, issuer=f"{oidc.url}/realm")
    assert "is no issuer" in refusal(nowhere)


def test_a_scope_that_the_issuer_does_not_know_is_told(
    make: Make, oidc: Oidc, caplog: pytest.LogCaptureFixture
) -> None:
    make(client_secret=oidc.secret, scopes=["compute.read", "everything"]).renew()
    assert caplog.messages == ["credential ce: the token lacks scopes: everything"]


def test_the_old_one_serves_while_the_issuer_is_away(make: Make, oidc: Oidc) -> None:
    credential = make(client_secret=oidc.secret, renew="2h")
    before = bearer(credential)
    proof = credential.proof()
    oidc.halt()
    try:
        assert refusal(credential).endswith("Connection refused")
        assert credential.proof() == proof
    finally:
        oidc.start()
    assert bearer(credential).end > before.end


def configure(folder: Path, oidc: Oidc, panda: Panda, **changes: str) -> Path:
    words = {"renew": "30m", "warn": "1m", **changes}
    words |= {"factory": f"test-{os.getpid()}", "issuer": oidc.url, "authority": str(oidc.authority)}
    words |= {"secret": str(oidc.secret), "panda": panda.url, "certificates": str(panda.certificates)}
    file = folder / "factory.toml"
    file.write_text(CONFIG.format(**words))
    return file


def told(config: Path) -> str:
    """What the queue's last cycle said first."""
    report = status(config)["SITE"]["report"]
    return str(report["words"][0]) if report else ""


def test_a_real_server_takes_the_token_and_no_other(home: Path, oidc: Oidc, server: Panda) -> None:
    config = configure(home, oidc, server)
    with daemon(config):
        assert until(lambda: told(config).startswith("work at panda: 7 ready"), 60), status(config)
        (listed,) = json.loads(apf("credentials", config, "--json").stdout)["credentials"]
    assert listed["subject"] == f"test-production of {oidc.url} for https://panda.example.org"
    assert (listed["error"], listed["warning"]) == (None, None)
    theirs = Access(token=server.token(), origin="atlas.production")
    with pytest.raises(Unavailable, match="refuses us, 403"):
        Server(server.url, Web(authorities=server.certificates)).get("system/is_alive", 30, theirs)
    token = home / "state" / "credentials" / "robot.token"
    written = (home / "factory.log").read_text()
    assert token.read_text() not in written
    assert oidc.secret.read_text().strip() not in written


def test_days_before_its_end_status_and_list_begin_to_warn(home: Path, oidc: Oidc, server: Panda) -> None:
    config = configure(home, oidc, server, warn="7d")
    with daemon(config):
        token = home / "state" / "credentials" / "robot.token"
        assert until(lambda: f"{token} ends at" in apf("status", config).stdout)
        listed = apf("credentials", config)
        assert f"{token} ends at " in listed.stdout
        (one,) = json.loads(apf("credentials", config, "--json").stdout)["credentials"]
    assert listed.returncode == 0
    assert one["warning"].startswith(f"{token} ends at")
    assert "WARNING" in (home / "factory.log").read_text()


PILOT = """
[factory]
id = "{factory}"
state = "state"
logs = "logs"

[credential.ce]
kind = "token"
issuer = "{issuer}"
authorities = "{authority}"
client_id = "robot"
client_secret = "{secret}"
audiences = ["https://ce.example.org"]
path = "token"
owner = "{owner}"

[target.pool]
kind = "htcondor"
config = "{pool}"
guard = {{ per_minute = "unlimited" }}

[queue.SITE]
target = "pool"
credentials = ["ce"]
policies = [{{ kind = "fixed", count = 1 }}]
pilot = {{ executable = "/bin/true", memory = "1MB", disk = "1MB", submit = {{ leave_in_queue = "true" }} }}
"""


def test_a_pilot_goes_with_the_token_that_was_asked_for(
    home: Path, oidc: Oidc, pool: Pool, factory: str
) -> None:
    config = home / "factory.toml"
    words = {"factory": factory, "issuer": oidc.url, "authority": oidc.authority, "secret": oidc.secret}
    owner = (pool.folder / "spool").owner()
    config.write_text(PILOT.format(**words, pool=pool.config, owner=owner))
    told = json.loads(apf("once", config, "SITE", "--json").stdout)
    assert told["error"] is None

    def ad() -> dict[str, Any]:
        return pool.jobs(f'APF_FACTORY == "{factory}"', "ScitokensFile", "JobStatus")[0]

    assert until(lambda: ad()["JobStatus"] == 4, 60), ad()
    assert ad()["ScitokensFile"] == str(home / "token")
    assert ((home / "token").owner(), (home / "token").stat().st_mode & 0o777) == (owner, 0o600)
    pool.clear()
