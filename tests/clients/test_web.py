"""A request has its whole answer in time, or says plainly why not."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from urllib3.exceptions import NameResolutionError

from autopyfactory.clients import web
from autopyfactory.clients.web import Reply, Web, check_address, plain
from autopyfactory.errors import Unavailable
from webserver import Said, WebServer, serving, silent


@pytest.fixture
def server() -> Iterator[WebServer]:
    with serving(lambda asked: Said(body="hello")) as running:
        yield running


def get(server: WebServer, seconds: float = 5.0, **content: Any) -> Reply:
    return Web().request("GET", f"{server.url}/here", seconds=seconds, **content)


def test_it_brings_the_whole_answer_whatever_its_status(server: WebServer) -> None:
    server.answer = lambda asked: Said(body="not here", status=404, headers={"X-Why": "gone"})
    reply = get(server)
    assert (reply.status, reply.body, reply.headers["X-Why"]) == (404, b"not here", "gone")


def test_it_says_who_asks_and_what_it_was_told_to_say(server: WebServer) -> None:
    get(server, headers={"Accept": "text/x"}, fields={"a": "1 2"})
    (asked,) = server.asked
    assert (asked.headers["User-Agent"], asked.headers["Accept"]) == ("autopyfactory", "text/x")
    assert (asked.path, asked.query) == ("/here", "a=1+2")


def test_it_follows_no_redirection(server: WebServer) -> None:
    server.answer = lambda asked: Said(status=302, headers={"Location": f"{server.url}/there"})
    assert get(server).status == 302
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (Said(body=b"x" * 100, cut=True), "IncompleteRead"),
        (Said(body=b"x" * 3000), "larger than 2000 bytes"),
        (Said(body=b"x" * 1000, drip=0.05), "did not end in time"),
        (Said(body=b"no gzip", headers={"Content-Encoding": "gzip"}), "incorrect header check"),
    ],
)
def test_a_partial_answer_is_none(
    server: WebServer, monkeypatch: pytest.MonkeyPatch, said: Said, words: str
) -> None:
    monkeypatch.setattr(web, "LARGEST", 2000)
    server.answer = lambda asked: said
    with pytest.raises(Unavailable, match=words):
        get(server, seconds=0.5)


def test_who_says_nothing_is_not_waited_for(server: WebServer) -> None:
    server.answer = silent(server)
    began = time.monotonic()
    with pytest.raises(Unavailable, match=f"{server.url}/here: no answer in time"):
        get(server, seconds=0.3)
    assert time.monotonic() - began < 20


def test_a_closed_door_is_said_to_be_one() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        with pytest.raises(Unavailable, match="Connection refused"):
            Web().request("GET", url, seconds=5)


def test_a_host_that_is_not_there_is_said_to_be_none() -> None:
    with pytest.raises(Unavailable, match="there is no host of that name"):
        Web().request("GET", "https://nobody.invalid/", seconds=5)
    assert plain(NameResolutionError("h", None, socket.gaierror())) == "there is no host of that name"


@pytest.mark.parametrize("authorities", ["nothing", "text"])
def test_authorities_that_cannot_be_read_are_named(tmp_path: Path, authorities: str) -> None:
    (tmp_path / "text").write_text("no certificate")
    with pytest.raises(Unavailable, match=rf"^'{tmp_path}/{authorities}': .*(No such file|no certificate)"):
        Web(authorities=tmp_path / authorities).request("GET", "https://localhost:1/", seconds=5)


def test_a_certificate_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=f"^'{tmp_path}/proxy': No such file"):
        Web(authorities=tmp_path).request(
            "GET", "https://localhost:1/", seconds=5, certificate=tmp_path / "proxy"
        )


@pytest.mark.parametrize(
    ("body", "text"), [(b"", "nothing"), (b"<html>\n  no", "'<html> no'"), (b"y" * 200, repr("y" * 100))]
)
def test_an_excerpt_stands_on_one_line(body: bytes, text: str) -> None:
    assert Reply(status=200, body=body).excerpt == text


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("http://host", "http://host"),
        ("https://host:25443/api/", "https://host:25443/api"),
        ("ftp://host", None),
        ("host:25443", None),
        ("https:///api", None),
        ("https://me@host", None),
        ("https://host?a=1", None),
    ],
)
def test_an_address_is_a_host_and_a_path(text: str, address: str | None) -> None:
    if address is None:
        with pytest.raises(ValueError, match="is no address"):
            check_address(text)
    else:
        assert check_address(text) == address
