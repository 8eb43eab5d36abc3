"""The client of APFMon says what the server understands, and knows its refusals apart."""

from collections.abc import Iterator

import pytest

from apfmon import Apfmon
from autopyfactory.clients.apfmon import PAGE, Server, Unknown
from autopyfactory.clients.web import Web
from autopyfactory.errors import Rejected, Unavailable
from webserver import Said, WebServer, serving

FACTS = {"url": "http://logs.example.org", "email": "us@example.org", "version": "3.0"}


@pytest.fixture
def there() -> Apfmon:
    return Apfmon()


@pytest.fixture
def web(there: Apfmon) -> Iterator[WebServer]:
    with serving(there) as web:
        yield web


@pytest.fixture
def server(web: WebServer) -> Server:
    return Server(f"{web.url}/api/", Web(), seconds=5)


def label(name: str, factory: str = "us") -> dict[str, str]:
    return {"name": name, "factory": factory}


def job(cid: str, label: str = "NORTH") -> dict[str, str]:
    return {"cid": cid, "label": label, "factory": "us"}


def test_a_factory_is_made_and_renewed(server: Server, there: Apfmon) -> None:
    server.put_factory("us", FACTS)
    server.put_factory("us", {**FACTS, "version": "3.1"})
    assert there.factories["us"]["version"] == "3.1"


def test_all_labels_are_listed_however_many_pages_they_fill(server: Server, web: WebServer) -> None:
    server.put_factory("us", FACTS)
    for count in (0, PAGE - 1, PAGE, 2 * PAGE + 1):
        names = {f"Q{number}" for number in range(count)}
        assert server.put_labels([label(name) for name in names]) == count
        assert server.labels("us") == names
    assert [asked.query for asked in web.asked[-3:]] == [
        f"factory=us&limit=50&offset={offset}" for offset in (0, 50, 100)
    ]


def test_a_list_that_starts_anew_on_every_page_has_an_end(server: Server, there: Apfmon) -> None:
    page = '[{"name": "A"}' + ', {"name": "B"}' * 59 + "]"
    there.others = lambda asked: Said(body=page)
    assert server.labels("us") == {"A", "B"}


def test_a_list_without_an_end_is_no_list(
    server: Server, there: Apfmon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autopyfactory.clients.apfmon.PAGES", 3)
    server.put_factory("us", FACTS)
    server.put_labels([label(f"Q{number}") for number in range(3 * PAGE)])
    with pytest.raises(Unavailable, match="without an end"):
        server.labels("us")


def test_labels_of_an_unknown_factory_are_not_taken(server: Server) -> None:
    assert server.put_labels([label("NORTH", "nobody")]) == 0


def test_jobs_are_made_once_and_those_without_a_label_are_counted(server: Server, there: Apfmon) -> None:
    server.put_factory("us", FACTS)
    server.put_labels([label("NORTH")])
    assert server.put_jobs([job("1.0"), job("1.1"), job("1.2", "nowhere")]) == 1
    assert server.put_jobs([job("1.0")]) == 0
    assert sorted(there.jobs) == ["us:1.0", "us:1.1"]


def test_a_status_is_a_form(server: Server, there: Apfmon) -> None:
    server.put_factory("us", FACTS)
    server.put_labels([label("A+B")])
    server.post_status("us", "A+B", "ready(): 0 -> 5 & more = ä")
    assert there.labels["us:A+B"]["msg"] == "ready(): 0 -> 5 & more = ä"


def test_words_that_nobody_foresaw_are_taken_for_a_yes(server: Server, there: Apfmon) -> None:
    there.others = lambda asked: Said(body="fine")
    assert (server.put_labels([label("A"), label("B")]), server.put_jobs([job("1.0")])) == (2, 0)


def test_what_the_server_does_not_know_is_told_apart(server: Server) -> None:
    with pytest.raises(Unknown, match="answers 404"):
        server.post_status("us", "NORTH", "x")
    with pytest.raises(Unknown):
        server.put_jobs([job("1.0")])


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (Said(status=500), Unavailable),
        (Said(status=503, body="<html>maintenance</html>"), Unavailable),
        (Said(status=403), Unavailable),
        (Said(status=302, headers={"Location": "http://elsewhere.example.org"}), Unavailable),
        (Said(status=400, body="Invalid data: {}"), Rejected),
        (Said(body="[", cut=True), Unavailable),
        (Said(body="<html>"), Unavailable),
        (Said(body='{"name": 5}'), Unavailable),
        (Said(body='[{"label": 5}]'), Unavailable),
        (Said(body="[5]"), Unavailable),
    ],
)
def test_a_bad_answer_is_no_list_of_labels(
    server: Server, there: Apfmon, said: Said, error: type[Exception]
) -> None:
    there.others = lambda asked: said
    with pytest.raises(error):
        server.labels("us")


def test_a_server_that_is_away_is_unavailable() -> None:
    with pytest.raises(Unavailable, match="Connection refused"):
        Server("http://127.0.0.1:9", Web(), seconds=5).put_factory("us", FACTS)
