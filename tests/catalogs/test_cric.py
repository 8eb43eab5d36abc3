"""Queues of PanDA out of a catalogue, from a file or a server."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from autopyfactory.app.assembly.validation import check
from autopyfactory.catalogs.cric import CricCatalog, CricOptions
from autopyfactory.configuration import Verdict
from autopyfactory.errors import ConfigError, Unavailable
from autopyfactory.model import CredentialType, Place, Proof
from autopyfactory.testing import CatalogContract
from catalogue import ce, document, many, record
from webserver import Said, serving

PLACE = Place(section="atlas", factory="f", logs="logs", state="state")
TEMPLATE = {
    "htcondor-ce": {"work": {"site": "{panda_resource}"}, "pilot": {"cores": "{cores}", "memory": "{memory}"}}
}


class Proven:
    """A credential that is a file."""

    name = "robot"

    def __init__(self, path: Path, kind: CredentialType) -> None:
        self.path = path
        self.type = kind

    def read(self) -> Proof:
        return Proof(path=self.path, subject="", begin=0, end=1e12)


def make(*credentials: Proven, **options: Any) -> CricCatalog:
    usual = {"file": "catalogue.json", "template": TEMPLATE}
    return CricCatalog(CricOptions.model_validate(usual | options), PLACE, credentials)


class TestCricCatalog(CatalogContract):
    plugin = CricCatalog

    @pytest.fixture
    def section(self, tmp_path: Path) -> CricOptions:
        file = tmp_path / "catalogue.json"
        file.write_bytes(document({"NORTH": record(), "SOUTH": record(state="DISABLED"), "EAST": None}))
        return CricOptions.model_validate({"file": str(file), "template": TEMPLATE})


def queues(records: Any, **options: Any) -> dict[str, Any]:
    return dict(make(**options).extract(document(records)).queues)


def test_every_ce_queue_gives_a_queue_whose_template_is_filled() -> None:
    assert queues(
        {"NORTH": record(), "EAST": record(panda_resource="E", maxrss=0, queues=[ce("e.example.org")])}
    ) == {
        "EAST-e.example.org-grid": {"work": {"site": "E"}, "pilot": {"cores": 8}},
        "NORTH-ce01.north.example.org-grid": {
            "work": {"site": "NORTH"},
            "pilot": {"cores": 8, "memory": "16000MiB"},
        },
    }


def test_there_is_a_verdict_on_every_entry() -> None:
    records = {"B": record(cloud="US"), "A": record(queues=[ce(), ce("a b")]), "C": None}
    assert make(select={"cloud": "ND"}).extract(document(records)).verdicts == (
        Verdict(record="A", place="a b grid", reason="ce_endpoint 'a b' is no address"),
        Verdict(record="A", place="ce01.north.example.org:9619 grid", queue="A-ce01.north.example.org-grid"),
        Verdict(record="B", reason="cloud is 'US', not ND"),
        Verdict(record="C", reason="is no record of a queue"),
    )


def test_the_common_template_lies_below_those_of_the_flavours() -> None:
    template = {
        "Common": {"interval": "6m", "pilot": {"cores": "{cores}", "grid": {"kind": "none"}}},
        "ARC-CE": {"pilot": {"grid": {"kind": "arc", "endpoint": "{endpoint}"}}},
    }
    records = {"N": record(queues=[ce("gsiftp://a.example.org:2811", ce_flavour="arc-ce"), ce()])}
    assert queues(records, template=template) == {
        "N-a.example.org-grid": {
            "interval": "6m",
            "pilot": {"cores": 8, "grid": {"kind": "arc", "endpoint": "https://a.example.org:443"}},
        }
    }


def test_the_scale_divides_by_ces_factories_and_jobs() -> None:
    template = {"htcondor-ce": {"weight": "{scale}"}}
    records = {
        "A": record(queues=[ce("a"), ce("b"), ce("a b")]),
        "A-old": record(queues=[ce("c")]),
        "B": record(panda_resource="B"),
    }
    found = queues(records, template=template, factories=4, jobs_per_pilot=1.5)
    assert {name: table["weight"] for name, table in found.items()} == {
        "A-a-grid": 0.05556,
        "A-b-grid": 0.05556,
        "A-old-c-grid": 0.05556,
        "B-ce01.north.example.org-grid": 0.1667,
    }


def test_the_name_of_a_queue_does_not_depend_on_what_comes_later() -> None:
    old = ce("ce.example.org:9619", ce_queue_id=7)
    new = ce("ce.example.org:9620", ce_queue_id=9)
    before, after = queues({"N": record(queues=[old])}), queues({"N": record(queues=[new, old])})
    assert len(after) == 2
    assert before.keys() < after.keys()
    assert queues({"N": record(queues=[old, new])}).keys() == after.keys()


def test_the_fields_of_a_name_may_be_chosen() -> None:
    assert list(queues({"N": record()}, name=["panda_resource", "ce_queue_id", "params.pilot_version"])) == [
        "NORTH-101-3.11"
    ]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (
            {"select": {"clowd": "US"}},
            "select: no entry of the catalogue has a field 'clowd'; did you mean 'cloud'?",
        ),
        (
            {"ces": {"ce_stat": "x"}},
            "ces: no entry of the catalogue has a field 'ce_stat'; did you mean 'ce_state'?",
        ),
        ({"name": ["zzz"]}, "name: no entry of the catalogue has a field 'zzz'"),
        (
            {"template": {"arc-ce": {"pilot": {"cores": "{coars}"}}}},
            "template.arc-ce: no entry of the catalogue has a field 'coars'; did you mean 'cores'?",
        ),
    ],
)
def test_a_field_that_no_entry_has_is_a_mistake(options: dict[str, Any], reason: str) -> None:
    with pytest.raises(ConfigError) as caught:
        queues({"N": record()}, **options)
    assert str(caught.value) == reason


def test_what_is_no_catalogue_is_no_answer() -> None:
    with pytest.raises(Unavailable, match="the catalogue is no JSON"):
        make().extract(b"<html>")


def test_a_file_is_read_anew_each_time(tmp_path: Path) -> None:
    file = tmp_path / "catalogue.json"
    catalog = make(file=file)
    with pytest.raises(Unavailable, match="No such file"):
        catalog.fetch()
    file.write_bytes(b"{}")
    assert catalog.fetch() == b"{}"


def test_a_server_is_asked_for_json_and_shown_a_token(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("abc\n")
    with serving(lambda _: Said(body=document(many(2)))) as server:
        catalog = make(Proven(token, CredentialType.TOKEN), file=None, url=f"{server.url}/api/query/?json")
        assert catalog.fetch() == document(many(2))
        (asked,) = server.asked
        assert (asked.path, asked.query) == ("/api/query/", "json")
        assert asked.headers["Authorization"] == "Bearer abc"
        assert asked.headers["Accept"] == "application/json"
        server.answer = lambda _: Said(status=403, body="who are you?")
        with pytest.raises(Unavailable, match="HTTP 403, 'who are you\\?'"):
            catalog.fetch()


def test_a_token_that_is_gone_is_no_answer(tmp_path: Path) -> None:
    catalog = make(Proven(tmp_path / "token", CredentialType.TOKEN), file=None, url="http://localhost:1/")
    with pytest.raises(Unavailable, match="credential robot: No such file"):
        catalog.fetch()


def test_a_certificate_that_is_none_is_no_answer(tmp_path: Path) -> None:
    catalog = make(Proven(tmp_path / "proxy", CredentialType.X509), file=None, url="https://localhost:1/")
    with pytest.raises(Unavailable, match="No such file"):
        catalog.fetch()


@pytest.mark.parametrize("options", [{}, {"url": "http://host/", "file": "a"}, {"url": "ftp://host"}])
def test_the_catalogue_is_in_one_place(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        CricOptions.model_validate(options)


def test_words_and_lists_select_alike() -> None:
    checked = check(
        CricOptions, {"file": "a", "select": {"tier_level": 1, "is_virtual": [True, "x"], "y": {}}}
    )
    assert {complaint.path[:2] for complaint in checked.complaints} == {("select", "y")}
    options = CricOptions.model_validate({"file": "a", "select": {"tier_level": 1, "z": [True, "x"]}})
    assert options.select == {"tier_level": ("1",), "z": ("true", "x")}
