"""A token is asked for in time, checked, and kept; the one before serves until there is a better one."""

import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from pydantic import ValidationError

import issuer
from autopyfactory.credentials.token import TokenCredential, TokenOptions
from autopyfactory.errors import Unavailable
from autopyfactory.model import Place
from autopyfactory.testing import CredentialContract
from webserver import Asked, Said, WebServer, serving

CE = "https://ce.example.org"
ANY = "https://wlcg.cern.ch/jwt/v1/any"


class Answers:
    """An issuer: what it gives next, and what it was asked."""

    def __init__(self, server: WebServer) -> None:
        self.server = server
        self.given: dict[str, Any] = {}
        self.status = 200
        self.claims: dict[str, Any] = {"sub": "robot"}
        self.life = 3600.0
        server.answer = self.answer

    def answer(self, asked: Asked) -> Said:
        url = self.server.url
        if asked.path != "/token":
            return Said(body=json.dumps({"issuer": url, "token_endpoint": f"{url}/token"}))
        now = time.time()
        token = issuer.token(**{"iat": now, "exp": now + self.life, "nonce": len(self.forms)} | self.claims)
        usual = {"access_token": token.decode().strip(), "expires_in": self.life}
        return Said(body=json.dumps(usual | self.given), status=self.status)

    @property
    def forms(self) -> list[dict[str, str]]:
        """The forms that it was sent."""
        return [dict(parse_qsl(one.body.decode())) for one in self.server.asked if one.path == "/token"]


@pytest.fixture
def answers() -> Iterator[Answers]:
    with serving(lambda asked: Said()) as server:
        yield Answers(server)


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    return issuer.keep(tmp_path / "secret", b"s3cret\n")


Make = Callable[..., TokenCredential]


@pytest.fixture
def make(answers: Answers, secret: Path, tmp_path: Path) -> Make:
    """Makes a credential as a factory that starts does."""

    def make(**options: Any) -> TokenCredential:
        usual = {"issuer": answers.server.url, "client_id": "robot", "client_secret": secret}
        return bear(tmp_path, **usual | options)

    return make


def bear(folder: Path, **options: Any) -> TokenCredential:
    place = Place(section="ce", factory="f", logs="logs", state=str(folder / "state"))
    return TokenCredential(TokenOptions(**options), place)


def refusal(credential: TokenCredential) -> str:
    with pytest.raises(Unavailable) as caught:
        credential.renew()
    assert "s3cret" not in str(caught.value)
    return str(caught.value)


class TestContract(CredentialContract):
    plugin = TokenCredential

    @pytest.fixture
    def section(self, answers: Answers, secret: Path) -> TokenOptions:
        return TokenOptions(issuer=answers.server.url, client_id="robot", client_secret=secret)


class TestDiscovery(CredentialContract):
    plugin = TokenCredential

    @pytest.fixture
    def section(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TokenOptions:
        content = issuer.token(sub="found", iat=time.time() - 60, exp=time.time() + 3600)
        monkeypatch.delenv("BEARER_TOKEN", raising=False)
        monkeypatch.setenv("BEARER_TOKEN_FILE", str(issuer.keep(tmp_path / "found", content)))
        return TokenOptions(discover=True)


class TestAsking:
    def test_what_the_token_shall_be_is_told_to_the_issuer(self, make: Make, answers: Answers) -> None:
        answers.claims["aud"] = [CE, "https://other"]
        make(scopes=["compute.read", "compute.create"], audiences=[CE], resources=["https://other"]).renew()
        assert answers.forms == [
            {
                "grant_type": "client_credentials",
                "scope": "compute.read compute.create",
                "audience": CE,
                "resource": "https://other",
            }
        ]

    def test_there_is_none_before_it_came(self, make: Make) -> None:
        with pytest.raises(Unavailable, match="there is no token yet"):
            make().proof()

    def test_who_starts_again_with_a_good_one_asks_for_none(self, make: Make, answers: Answers) -> None:
        make().renew()
        again = make()
        again.renew()
        assert len(answers.forms) == 1
        assert again.proof().subject == "robot"
        assert again.proof().end == pytest.approx(time.time() + 3600, abs=60)

    def test_who_wants_another_one_than_before_asks_anew(self, make: Make, answers: Answers) -> None:
        make().renew()
        other = make(scopes=["compute.read"])
        with pytest.raises(Unavailable, match="asked for otherwise"):
            other.proof()
        other.renew()
        assert len(answers.forms) == 2
        assert other.proof().subject == "robot"

    def test_a_file_that_vanished_is_made_again(self, make: Make, answers: Answers) -> None:
        credential = make()
        credential.renew()
        credential.proof().path.unlink()
        credential.renew()
        assert len(answers.forms) == 2
        assert credential.proof().path.stat().st_mode & 0o777 == 0o600

    def test_its_place_can_be_chosen(self, make: Make, tmp_path: Path) -> None:
        credential = make(path=tmp_path / "elsewhere" / "token")
        credential.renew()
        assert credential.proof().path == tmp_path / "elsewhere" / "token"


class TestRenewing:
    @pytest.mark.parametrize(
        ("life", "options", "asks"),
        [
            (3600, {}, 1),
            (3600, {"renew": "2h"}, 2),
            (3600, {"renew": "59m"}, 1),
            (800, {}, 1),
            (360, {}, 2),  # the minimum of 5 min comes before the next two rounds
        ],
    )
    def test_it_is_time_early_enough(
        self, make: Make, answers: Answers, life: float, options: dict[str, str], asks: int
    ) -> None:
        answers.life = life
        credential = make(**options)
        credential.renew()
        credential.renew()
        assert len(answers.forms) == asks

    def test_it_is_time_when_half_of_its_life_is_over(self, make: Make, answers: Answers) -> None:
        now = time.time()
        answers.claims |= {"iat": now - 1900, "exp": now + 1700}
        credential = make()
        credential.renew()
        credential.renew()
        assert len(answers.forms) == 2

    def test_the_old_one_serves_while_the_issuer_refuses(self, make: Make, answers: Answers) -> None:
        credential = make(renew="2h")
        credential.renew()
        before = credential.proof()
        answers.given, answers.status = {"error": "invalid_client", "error_description": "s3cret?"}, 401
        assert refusal(credential).endswith("refuses, 401: invalid_client: ***?")
        assert credential.proof() == before

    def test_a_secret_that_was_changed_is_read_anew(self, make: Make, secret: Path, answers: Answers) -> None:
        credential = make(renew="2h")
        credential.renew()
        secret.chmod(0o644)
        assert "mode 0644" in refusal(credential)
        issuer.keep(secret, b"another")
        credential.renew()
        assert len(answers.forms) == 2

    def test_what_cannot_be_kept_is_said(self, make: Make, tmp_path: Path) -> None:
        (tmp_path / "state").write_text("in the way")
        assert "Not a directory" in refusal(make())


class TestChecking:
    @pytest.mark.parametrize(
        ("audience", "is_good"),
        [
            (CE, True),
            ([CE, "x"], True),
            (ANY, True),
            (["ANY"], True),
            ("https://other", False),
            (None, False),
        ],
    )
    def test_a_token_for_somebody_else_is_not_kept(
        self, make: Make, answers: Answers, audience: Any, is_good: bool
    ) -> None:
        if audience:
            answers.claims["aud"] = audience
        credential = make(audiences=[CE])
        if is_good:
            credential.renew()
            credential.proof()
            return
        whom = audience or "nobody in particular"
        assert refusal(credential) == f"the token that came is for {whom}, not for {CE}"
        with pytest.raises(Unavailable):
            credential.proof()

    def test_a_token_that_ends_too_soon_is_not_kept(self, make: Make, answers: Answers) -> None:
        answers.life = 250
        assert refusal(make()).endswith("too soon: minimum = '5m'")
        make(minimum="1m").renew()

    def test_scopes_that_were_not_granted_are_told(
        self, make: Make, answers: Answers, caplog: pytest.LogCaptureFixture
    ) -> None:
        wanted = ["openid", "compute.read", "compute.create"]
        answers.claims["scope"] = "compute.read compute.create"
        make(scopes=wanted).renew()
        assert caplog.messages == []
        answers.given["scope"] = "compute.read"
        make(scopes=[*wanted, "compute.cancel"]).renew()
        assert caplog.messages == ["credential ce: the token lacks scopes: compute.cancel, compute.create"]

    def test_a_token_that_says_nothing_is_as_its_issuer_said(self, make: Make, answers: Answers) -> None:
        answers.given["access_token"] = "opaque"
        credential = make(audiences=[CE])
        credential.renew()
        proof = credential.proof()
        assert proof.subject == f"robot of {answers.server.url}"
        assert proof.end == pytest.approx(time.time() + 3600, abs=60)

    def test_a_token_of_which_nobody_says_when_it_ends_is_not_kept(
        self, make: Make, answers: Answers
    ) -> None:
        answers.given = {"access_token": "opaque", "expires_in": None}
        assert refusal(make()) == "nobody says when the token that came will end"


class TestRefreshing:
    @pytest.fixture
    def refresh(self, tmp_path: Path) -> Path:
        return issuer.keep(tmp_path / "refresh", b"s3cret-1")

    def test_refresh_tokens_follow_each_other_also_over_a_restart(
        self, make: Make, answers: Answers, refresh: Path
    ) -> None:
        for number in (2, 3):
            answers.given["refresh_token"] = f"s3cret-{number}"
            make(refresh_token=refresh, renew="2h").renew()
        del answers.given["refresh_token"]
        credential = make(refresh_token=refresh, renew="2h")
        credential.renew()
        credential.renew()
        assert [form["refresh_token"][-1] for form in answers.forms] == ["1", "2", "3", "3"]
        assert {form["grant_type"] for form in answers.forms} == {"refresh_token"}

    def test_one_that_an_operator_puts_there_is_used_at_once(
        self, make: Make, answers: Answers, refresh: Path
    ) -> None:
        answers.given["refresh_token"] = "s3cret-2"
        credential = make(refresh_token=refresh, renew="2h")
        credential.renew()
        issuer.keep(refresh, b"s3cret-9")
        credential.renew()
        assert [form["refresh_token"][-1] for form in answers.forms] == ["1", "9"]

    def test_it_is_kept_even_when_the_token_is_not_good(
        self, make: Make, answers: Answers, refresh: Path
    ) -> None:
        answers.given["refresh_token"], answers.life = "s3cret-2", 10
        credential = make(refresh_token=refresh)
        assert "too soon" in refusal(credential)
        assert "too soon" in refusal(make(refresh_token=refresh))
        assert [form["refresh_token"][-1] for form in answers.forms] == ["1", "2"]

    def test_a_client_without_a_secret_can_use_one(self, make: Make, answers: Answers, refresh: Path) -> None:
        make(refresh_token=refresh, client_secret=None).renew()
        assert answers.forms[0]["client_id"] == "robot"


class TestFinding:
    def test_a_token_that_was_left_is_taken_while_the_last_one_is_not_good(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        now = time.time()
        monkeypatch.setattr(os, "environ", {"BEARER_TOKEN_FILE": str(tmp_path / "left")})
        credential = bear(tmp_path, discover=True)
        assert "No such file" in refusal(credential)
        issuer.keep(tmp_path / "left", issuer.token(sub="one", iat=now - 3000, exp=now + 600))
        credential.renew()
        issuer.keep(tmp_path / "left", issuer.token(sub="two", iat=now, exp=now + 3600))
        credential.renew()
        issuer.keep(tmp_path / "left", issuer.token(sub="three", iat=now, exp=now + 3600))
        credential.renew()
        assert credential.proof().subject == "two"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "wants issuer = 'https://HOST', or discover = true"),
        ({"issuer": "https://i"}, "wants client_id"),
        ({"issuer": "https://i", "client_id": "robot"}, "wants client_secret or refresh_token"),
        ({"issuer": "http://i.example.org", "client_id": "robot"}, "in the clear"),
        ({"discover": True, "scopes": ["x"]}, "scopes is for an issuer, whom discover = true does not ask"),
        ({"discover": True, "issuer": "https://i"}, "issuer is for an issuer"),
        (
            {"issuer": "https://i", "client_id": "r", "client_secret": "/s3cret"},
            "names no file that we can read",
        ),
        ({"discover": True, "scopes": ["two words"]}, "scopes"),
    ],
)
def test_wrong_options_are_said(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        TokenOptions(**options)
    assert words in str(caught.value)


def test_a_file_that_others_can_read_is_no_secret(secret: Path) -> None:
    secret.chmod(0o640)
    with pytest.raises(ValidationError, match="mode 0640") as caught:
        TokenOptions(issuer="https://i", client_id="robot", client_secret=secret)
    assert "s3cret" not in str(caught.value)
