"""A pool: its schedd is found, or the sentence says what to write; errors lose their codes."""

import socket
from collections.abc import Callable, Iterator
from typing import Any

import htcondor2
import pytest

from autopyfactory.clients.condor.pool import Pool, sentence
from autopyfactory.errors import Unavailable

Find = Callable[..., Any]
FAILURE = htcondor2.HTCondorException("Failed communication with collector.")


class Collector:
    """Knows the schedds of `names`; fails where `error` says so."""

    names: tuple[str, ...] = ()
    error: Exception | None = None

    def __init__(self, address: str | None) -> None:
        self.address = address

    def locate(self, kind: object, name: str = "") -> dict[str, str] | None:
        return next((ad for ad in self.locateAll(kind) if name in ("", ad["Name"])), None)

    def locateAll(self, kind: object) -> list[dict[str, str]]:  # noqa: N802
        if self.error is not None:
            raise self.error
        return [{"Name": name, "CondorVersion": "25"} for name in self.names]


class Schedd:
    """Answers a query with its ads, or fails."""

    ads: tuple[dict[str, Any], ...] = ()
    error: Exception | None = None

    def __init__(self, ad: dict[str, str]) -> None:
        self.name = ad["Name"]

    def query(self, *arguments: object, **options: object) -> list[dict[str, Any]]:
        if self.error is not None:
            raise self.error
        return list(self.ads)


@pytest.fixture
def find(monkeypatch: pytest.MonkeyPatch) -> Find:
    """A pool whose collector knows some schedds, or fails."""

    def find(*names: str, error: Exception | None = None, **identity: Any) -> Pool:
        monkeypatch.setattr(
            htcondor2, "Collector", type("Known", (Collector,), {"names": names, "error": error})
        )
        monkeypatch.setattr(htcondor2, "Schedd", Schedd)
        return Pool({"collector": "", "schedd": "", "settings": [], **identity})

    return find


@pytest.mark.parametrize(
    ("names", "identity", "found"),
    [
        (("a", "b"), {}, "a"),
        (("a", "b"), {"schedd": "b"}, "b"),
        (("a",), {"collector": "c:1"}, "a"),
        (("a", "b"), {"collector": "c:1", "schedd": "b"}, "b"),
    ],
)
def test_the_schedd_is_found(
    find: Find, names: tuple[str, ...], identity: dict[str, str], found: str
) -> None:
    pool = find(*names, **identity)
    assert pool.schedd.name == found
    assert pool.version == "25"


@pytest.mark.parametrize(
    ("names", "identity", "words"),
    [
        ((), {}, r"no schedd on this machine; name one: schedd = '...'"),
        (("a", "b"), {"collector": "c:1"}, r"name the schedd, schedd = '...': collector c:1 knows a, b"),
        ((), {"collector": "c:1"}, r"collector c:1 knows no schedd at all"),
        (("a",), {"schedd": "b"}, r"schedd = 'b': the collector of CONDOR_CONFIG knows a"),
    ],
)
def test_a_schedd_that_is_not_found_is_untouched(
    find: Find, names: tuple[str, ...], identity: dict[str, str], words: str
) -> None:
    with pytest.raises(Unavailable, match=words) as caught:
        _ = find(*names, **identity).schedd
    assert caught.value.untouched


@pytest.fixture
def listening() -> Iterator[str]:
    """The address of somebody who listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


def test_a_collector_that_listens_but_does_not_answer_does_not_accept_us(find: Find, listening: str) -> None:
    with pytest.raises(Unavailable, match=r"^the collector does not accept us"):
        _ = find(error=FAILURE, collector=listening).schedd


def test_a_schedd_of_this_machine_that_is_gone_is_no_matter_of_security(
    find: Find, monkeypatch: pytest.MonkeyPatch, listening: str
) -> None:
    monkeypatch.setattr(htcondor2, "param", {"COLLECTOR_HOST": listening})
    gone = htcondor2.HTCondorException("Unable to locate local daemon")
    with pytest.raises(Unavailable, match=f"no schedd runs on this machine .collector {listening} does"):
        _ = find(error=gone).schedd


@pytest.mark.parametrize(
    "address", ["127.0.0.1:1", "no.such.host.invalid", "127.0.0.1:port", "<127.0.0.1:1?x=y>"]
)
def test_a_collector_that_does_not_listen_does_not_answer(find: Find, address: str) -> None:
    with pytest.raises(Unavailable, match="does not answer: "):
        _ = find(error=FAILURE, collector=address).schedd


@pytest.mark.parametrize("configured", [None, "127.0.0.1:1"])
def test_without_an_address_the_configuration_is_looked_at(
    find: Find, monkeypatch: pytest.MonkeyPatch, configured: str | None
) -> None:
    monkeypatch.setattr(htcondor2, "param", {"COLLECTOR_HOST": configured} if configured else {})
    words = "collector 127.0.0.1:1 does not answer" if configured else "no collector: write collector = "
    with pytest.raises(Unavailable, match=words):
        _ = find(error=FAILURE).schedd


def test_settings_are_handed_to_the_bindings(find: Find, monkeypatch: pytest.MonkeyPatch) -> None:
    settings: dict[str, str] = {}
    monkeypatch.setattr(htcondor2, "param", settings)
    find("a", settings=[["SEC_TOKEN_DIRECTORY", "/tokens"]])
    assert settings == {"SEC_TOKEN_DIRECTORY": "/tokens"}


def test_after_a_failure_the_schedd_is_located_anew(find: Find, monkeypatch: pytest.MonkeyPatch) -> None:
    pool = find("a")
    before = pool.schedd
    assert pool.schedd is before
    monkeypatch.setattr(Schedd, "error", htcondor2.HTCondorException("errmsg=CEDAR:6001:Failed to connect"))
    with pytest.raises(Unavailable, match=r"^Failed to connect$"):
        pool.query("true", ["ProcId"])
    assert pool.schedd is not before


def test_the_clock_is_read_from_a_job_and_goes_on_by_itself(
    find: Find, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = find("a")
    monkeypatch.setattr(Schedd, "ads", ({"ServerTime": 1000},))
    assert 1000 <= pool.clock() < 1005
    monkeypatch.setattr(Schedd, "ads", ({"ServerTime": 9000},))
    assert 1000 <= pool.clock() < 1005
    pool.forget()
    assert 9000 <= pool.clock() < 9005


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "Failed to fetch ads from schedd, errmsg=CEDAR:6001:Failed to connect to <x:1>",
            "Failed to connect to <x:1>",
        ),
        ("errmsg=AUTHENTICATE:1003:Not at all|FS:1004:No folder: x", "Not at all; No folder: x"),
        ("DCSchedd::spoolJobFiles:7002:File transfer failed: |Error: no", "File transfer failed: |Error: no"),
        ("Unable to commit transaction, SCHEDD:2:Not permitted", "Not permitted"),
        ("errmsg=SCHEDD:4:'a || b' is wrong|QMGMT:7:again", "'a || b' is wrong; again"),
        ("Failed, errmsg=Submit:-1:Parse error:\n\tx\n", "Parse error: x"),
        ("Failed to fetch ads from schedd, errmsg=", "it broke off without a reason"),
    ],
)
def test_errors_lose_their_codes(text: str, words: str) -> None:
    assert sentence(ValueError(text)) == words


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ([[{"JobCount": 3}]], None),
        ([[], [{"Jobs": 0}]], None),
        ([[], []], "nothing, not even with a count of 0"),
        ([[], [{"Jobs": 7}]], "shows no job and counts 7"),
    ],
)
def test_no_group_is_believed_only_with_a_count_of_none(
    find: Find, answers: list[list[dict[str, int]]], error: str | None
) -> None:
    pool = find("a")
    pool.schedd.query = lambda *_, **__: answers.pop(0)
    if error is None:
        pool.group("true", ["JobStatus"], limit=10)
        assert not answers
        return
    with pytest.raises(Unavailable, match=error):
        pool.group("true", ["JobStatus"], limit=10)
