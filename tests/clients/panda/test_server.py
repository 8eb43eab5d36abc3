"""A PanDA server's answers are taken apart, and what is none says why."""

import json
from collections.abc import Iterator

import pytest

from autopyfactory.clients.panda.server import NOBODY, Access, Server, unpack
from autopyfactory.clients.web import Reply, Web
from autopyfactory.errors import Unavailable
from webserver import Said, WebServer, serving

FINE = json.dumps({"success": True, "message": "", "data": {"a": 1}})


@pytest.fixture
def web() -> Iterator[WebServer]:
    with serving(lambda asked: Said(body=FINE, headers={"Content-Type": "text/plain"})) as running:
        yield running


def test_a_good_answer_is_its_data_whatever_type_it_says_it_has(web: WebServer) -> None:
    assert Server(f"{web.url}/api/v1", Web()).get("statistics/x", 5, type="all") == {"a": 1}
    (asked,) = web.asked
    assert (asked.method, asked.path, asked.query) == ("GET", "/api/v1/statistics/x", "type=all")
    assert asked.headers["Accept"] == "application/json"
    assert "Authorization" not in asked.headers


def test_a_token_goes_with_what_it_is_for(web: WebServer) -> None:
    Server(web.url, Web()).get("x", 5, Access(token="secret", origin="atlas.pilot"))
    assert web.asked[0].headers["Authorization"] == "Bearer secret"
    assert web.asked[0].headers["Origin"] == "atlas.pilot"


def test_values_are_posted_as_json(web: WebServer) -> None:
    Server(web.url, Web()).post("harvester/heartbeat", 5, NOBODY, harvester_id="us", data={"n": 1})
    assert web.asked[0].method == "POST"
    assert json.loads(web.asked[0].body) == {"harvester_id": "us", "data": {"n": 1}}


def test_the_call_is_named_and_no_token_is_told(web: WebServer) -> None:
    web.answer = lambda asked: Said(body="Invalid token", status=403)
    with pytest.raises(Unavailable) as caught:
        Server(web.url, Web()).get("x/y", 5, Access(token="secret", origin="o"))
    assert str(caught.value) == f"{web.url}/x/y refuses us, 403: 'Invalid token'"


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (500, "", "answers 500: nothing"),
        (302, "<html>moved", "answers 302: '<html>moved'"),
        (403, "ERROR : method x is forbidden", "refuses us, 403: 'ERROR : method x is forbidden'"),
        (200, "<html>Welcome</html>", "answers with no JSON: '<html>Welcome</html>'"),
        (200, FINE[:20], f"answers with no JSON: {FINE[:20]!r}"),
        (200, "{'success': True}", "answers with no JSON: \"{'success': True}\""),
        (200, "[]", "answers in no way that PanDA does: '[]'"),
        (200, '{"data": {}}', "answers in no way that PanDA does"),
        (200, '{"success": "true", "data": {}}', "answers in no way that PanDA does"),
        (200, '{"success": false, "message": "Database\\nfailure"}', "has failed: Database failure"),
    ],
)
def test_what_is_no_answer_says_what_it_is(status: int, body: str, words: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        unpack(Reply(status=status, body=body.encode()))
    assert str(caught.value).startswith(words)
