"""An issuer is found by its metadata and asked for a token; what it refuses is said without secrets."""

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autopyfactory.clients.oauth import Client, Granted, Issuer, check_issuer, locations, read_grant
from autopyfactory.clients.web import Reply, Web
from autopyfactory.errors import Unavailable
from webserver import Asked, Said, WebServer, serving

FORM = [("grant_type", "client_credentials"), ("scope", "compute.read compute.create")]
ROBOT = Client(id="robot one", secret="s3cret+/=")
GOOD = {"access_token": "t0ken", "token_type": "Bearer", "expires_in": 3600}


@pytest.fixture
def server() -> Iterator[WebServer]:
    with serving(lambda asked: Said()) as running:
        running.answer = answers(running)
        yield running


def answers(
    server: WebServer, token: Any = GOOD, status: int = 200, **metadata: Any
) -> Callable[[Asked], Said]:
    """An issuer that says this of itself, and answers all who want a token with this."""
    said = {"issuer": server.url, "token_endpoint": f"{server.url}/token"} | metadata

    def answer(asked: Asked) -> Said:
        if asked.path == "/token":
            return Said(body=token if isinstance(token, str) else json.dumps(token), status=status)
        is_known = asked.path == "/.well-known/openid-configuration"
        return Said(body=json.dumps(said)) if is_known else Said(status=404)

    return answer


def ask(server: WebServer, client: Client = ROBOT, form: list[tuple[str, str]] = FORM) -> Granted:
    return Issuer(server.url, Web(), 5.0).grant(client, form)


def refusal(server: WebServer, **arguments: Any) -> str:
    with pytest.raises(Unavailable) as caught:
        ask(server, **arguments)
    assert ROBOT.secret not in str(caught.value)
    return str(caught.value)


def test_a_token_is_asked_for_in_the_body_and_never_in_the_address(server: WebServer) -> None:
    assert ask(server) == Granted(token="t0ken", seconds=3600.0)
    (found, asked) = server.asked
    assert (found.method, asked.method, asked.query) == ("GET", "POST", "")
    assert parse_qsl(asked.body.decode()) == FORM
    pair = base64.b64decode(asked.headers["Authorization"].removeprefix("Basic ")).decode()
    assert pair == "robot+one:s3cret%2B%2F%3D"  # each half is encoded as a form is


@pytest.mark.parametrize(
    ("methods", "is_posted"),
    [
        (["client_secret_post"], True),
        (["client_secret_basic", "client_secret_post"], False),
        (["private_key_jwt"], False),
        (None, False),
    ],
)
def test_the_secret_goes_the_way_that_the_issuer_takes(
    server: WebServer, methods: list[str] | None, is_posted: bool
) -> None:
    server.answer = answers(server, token_endpoint_auth_methods_supported=methods)
    ask(server)
    said = dict(parse_qsl(server.asked[-1].body.decode()))
    assert (said.get("client_secret") == ROBOT.secret) == is_posted
    assert ("Authorization" in server.asked[-1].headers) != is_posted


def test_a_client_without_a_secret_only_says_its_name(server: WebServer) -> None:
    ask(server, Client(id="person"))
    assert dict(parse_qsl(server.asked[-1].body.decode()))["client_id"] == "person"
    assert "Authorization" not in server.asked[-1].headers


def test_all_that_was_granted_is_told(server: WebServer) -> None:
    more = {"refresh_token": "next", "scope": "compute.read", "expires_in": "600", "token_type": "bearer"}
    server.answer = answers(server, GOOD | more)
    assert ask(server) == Granted(token="t0ken", seconds=600.0, refresh="next", scopes=("compute.read",))
    server.answer = answers(server, {"access_token": "t0ken"})
    assert ask(server) == Granted(token="t0ken")
    assert "t0ken" not in repr(ask(server))


def test_metadata_may_be_where_oauth_has_it(server: WebServer) -> None:
    usual = server.answer

    def answer(asked: Asked) -> Said:
        if asked.path == "/.well-known/openid-configuration":
            return Said(status=404)
        is_other = asked.path == "/.well-known/oauth-authorization-server"
        metadata = {"issuer": f"{server.url}/", "token_endpoint": f"{server.url}/token"}
        return Said(body=json.dumps(metadata)) if is_other else usual(asked)

    server.answer = answer
    assert ask(server).token == "t0ken"
    assert locations("https://i/vo") == (
        "https://i/vo/.well-known/openid-configuration",
        "https://i/.well-known/oauth-authorization-server/vo",
    )


def test_an_address_without_metadata_is_no_issuer(server: WebServer) -> None:
    server.answer = lambda asked: Said(status=404)
    assert "is no issuer" in refusal(server)


@pytest.mark.parametrize(
    ("metadata", "words"),
    [
        ({"issuer": "https://other"}, "speaks for another issuer, 'https://other'"),
        ({"issuer": None}, "speaks for another issuer, 'None'"),
        ({"token_endpoint": "http://elsewhere.example.org/token"}, "would be asked in the clear"),
        ({"token_endpoint": None}, "names no place to ask for tokens"),
    ],
)
def test_metadata_that_will_not_do_are_said(server: WebServer, metadata: dict[str, Any], words: str) -> None:
    server.answer = answers(server, **metadata)
    assert words in refusal(server)
    assert all(asked.path != "/token" for asked in server.asked)


@pytest.mark.parametrize("body", ["<html>", "[1]", "[" * 100_000])
def test_metadata_that_are_none_are_said(server: WebServer, body: str) -> None:
    server.answer = lambda asked: Said(body=body)
    assert "answers 200 and no metadata" in refusal(server)


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        ({"error": "invalid_client"}, 401, "refuses, 401: invalid_client"),
        ({"error": "invalid_grant", "error_description": "too\nold"}, 400, "invalid_grant: too old"),
        ({"error": "x", "error_description": f"not {ROBOT.secret}"}, 400, "x: not ***"),
        ({}, 500, "refuses, 500: it does not say why"),
        ("<html>", 502, "answers 502 and no JSON"),
        ("t0ken", 200, "answers 200 and no JSON"),
        ({"expires_in": 1}, 200, "answers without a token"),
        ({"access_token": "t0ken\n"}, 200, "answers without a token"),
        ({"access_token": "t0ken", "token_type": "mac"}, 200, "gives a token that is no bearer token"),
        ({"access_token": "t0ken", "expires_in": "soon"}, 200, "whose expires_in is no number"),
        ({"access_token": "t0ken", "expires_in": -1}, 200, "whose expires_in is no number of seconds"),
    ],
)
def test_what_is_no_grant_is_said_in_words(server: WebServer, answer: Any, status: int, words: str) -> None:
    server.answer = answers(server, answer, status)
    said = refusal(server)
    assert said.startswith(f"{server.url}/token ")
    assert words in said
    assert "t0ken" not in said


def test_a_refresh_token_is_not_repeated_either(server: WebServer) -> None:
    server.answer = answers(server, {"error": "invalid_grant", "error_description": "r3fresh is used"}, 400)
    form = [("grant_type", "refresh_token"), ("refresh_token", "r3fresh")]
    assert refusal(server, form=form).endswith("refuses, 400: invalid_grant: *** is used")


@given(st.binary(max_size=300), st.sampled_from([200, 400, 500]))
def test_any_answer_is_a_grant_or_a_sentence(body: bytes, status: int) -> None:
    with suppress(ValueError):
        assert read_grant(Reply(status=status, body=body)).token


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://iam.example.org/", "https://iam.example.org"),
        ("https://cilogon.org/vo", "https://cilogon.org/vo"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://iam.example.org", None),
        ("iam.example.org", None),
    ],
)
def test_secrets_travel_in_the_clear_only_on_this_machine(text: str, address: str | None) -> None:
    if address is None:
        with pytest.raises(ValueError, match=r"in the clear|is no address of an issuer"):
            check_issuer(text)
    else:
        assert check_issuer(text) == address
