"""The PanDA source counts what the server says, and guesses nothing of what it does not say."""

import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from autopyfactory.errors import Unavailable
from autopyfactory.model import CredentialType, Demand, Need, Place, Proof, SiteStatus
from autopyfactory.sources.panda import PandaSource, PandaSourceOptions, PandaWork, State
from autopyfactory.testing import SourceContract
from webserver import Asked, Said, WebServer, serving

PLACE = Place(section="panda", factory="us", logs="logs", state="state")
JOBS: dict[str, Any] = {
    "NORTH": {
        "SCORE": {"managed": {"activated": 7, "assigned": 1, "running": 2, "starting": 1, "holding": 9}},
        "MCORE": {"user": {"activated": 3, "sent": 1}},
    },
    "ODD": {"SCORE": {"managed": {"activated": "many"}}},
}
SPECS: dict[str, Any] = {
    "NORTH": {"status": "online", "coreCount": 8},
    "NORTH/SCORE": {"status": "online", "coreCount": 1},
    "SOUTH": {"status": "paused", "coreCount": 1},
}


@dataclass
class Panda:
    """What a server says; None: it fails."""

    jobs: Any = field(default_factory=lambda: dict(JOBS))
    specs: Any = field(default_factory=lambda: dict(SPECS))

    def __call__(self, asked: Asked) -> Said:
        data = {"active_job_detailed_stats_by_site": self.jobs, "get_site_specs": self.specs}
        call = asked.path.rpartition("/")[2]
        if call == "is_alive":
            return Said(body=json.dumps({"success": True, "message": "", "data": None}))
        if data[call] is None:
            return Said(body=json.dumps({"success": False, "message": "Database failure", "data": {}}))
        return Said(body=json.dumps({"success": True, "message": "", "data": data[call]}))


@pytest.fixture
def panda() -> Panda:
    return Panda()


@pytest.fixture
def server(panda: Panda) -> Iterator[WebServer]:
    with serving(panda) as running:
        yield running


def source(server: WebServer, **options: Any) -> PandaSource:
    return PandaSource(PandaSourceOptions.model_validate({"url": server.url, **options}), PLACE)


def work(site: str = "NORTH", **options: Any) -> PandaWork:
    return PandaWork.model_validate({"site": site, **options})


class TestPandaSource(SourceContract):
    plugin = PandaSource

    @pytest.fixture
    def section(self, server: WebServer) -> PandaSourceOptions:
        return PandaSourceOptions(url=server.url)

    @pytest.fixture
    def works(self) -> list[PandaWork]:
        return [work(), work("SOUTH"), work(labels=["user"])]


class TestPandaSourceWithoutSpecs(SourceContract):
    plugin = PandaSource

    @pytest.fixture
    def section(self, server: WebServer) -> PandaSourceOptions:
        return PandaSourceOptions(url=server.url, specs=False)

    @pytest.fixture
    def works(self) -> list[PandaWork]:
        return [work(), work(resource_types=["MCORE"])]


@pytest.mark.parametrize(
    ("options", "ready", "running", "ready_cores", "running_cores"),
    [
        ({}, 10, 4, 31, 11),
        ({"resource_types": ["SCORE"]}, 7, 3, 7, 3),
        ({"labels": ["user"]}, 3, 1, 24, 8),
        ({"ready": ["activated", "assigned"], "running": ["holding"]}, 11, 9, 32, 9),
        ({"cores": 2}, 10, 4, 20, 8),
        ({"labels": ["rc_test2"]}, 0, 0, 0, 0),
    ],
)
def test_jobs_count_as_the_work_selects_them(
    server: WebServer, options: Any, ready: int, running: int, ready_cores: int, running_cores: int
) -> None:
    asked = work(**options)
    assert source(server).demand([asked]) == {
        asked: Demand(
            ready=ready,
            running=running,
            ready_cores=ready_cores,
            running_cores=running_cores,
            status=SiteStatus.ONLINE,
        )
    }


def test_one_call_counts_for_all_works_and_specs_are_asked_now_and_then(server: WebServer) -> None:
    asking = source(server)
    for _ in range(3):
        asking.demand([work(f"S{number}") for number in range(50)])
    calls = [asked.path.rpartition("/")[2] for asked in server.asked]
    assert calls.count("active_job_detailed_stats_by_site") == 3
    assert calls.count("get_site_specs") == 1
    assert server.asked[1].query == "type=all"


def test_a_site_without_jobs_is_idle_where_the_specs_name_it(server: WebServer) -> None:
    south = work("SOUTH")
    assert source(server).demand([south]) == {south: Demand(status=SiteStatus.OFFLINE)}


def test_a_site_without_jobs_is_idle_where_an_earlier_answer_named_it(
    server: WebServer, panda: Panda
) -> None:
    asking = source(server, specs=False)
    assert asking.demand([work()])[work()].ready == 10
    panda.jobs = {"WEST": {}}
    assert asking.demand([work()])[work()] == Demand()


def test_a_site_that_nobody_has_named_is_unknown_and_the_nearest_one_is_told(server: WebServer) -> None:
    (answer,) = source(server).demand([work("NORHT")]).values()
    assert isinstance(answer, Unavailable)
    assert str(answer) == (
        "PanDA has not been heard to know a site 'NORHT': neither jobs nor site specs name it;"
        " did you mean 'NORTH'?"
    )


def test_without_specs_a_site_may_just_never_have_had_a_job(server: WebServer) -> None:
    (answer,) = source(server, specs=False).demand([work("FAR_AWAY")]).values()
    assert "it never had a job" in str(answer)


def test_a_server_without_any_job_cannot_be_told_from_a_broken_one(server: WebServer, panda: Panda) -> None:
    asking = source(server)
    asking.demand([work()])
    panda.jobs = None
    with pytest.raises(Unavailable, match="has failed: Database failure"):
        asking.demand([work()])


@pytest.mark.parametrize("jobs", [[], "text", 3])
def test_counts_that_are_no_table_are_no_answer(server: WebServer, panda: Panda, jobs: Any) -> None:
    panda.jobs = jobs
    with pytest.raises(Unavailable, match="counts of active jobs are no table"):
        source(server).demand([work()])


def test_a_site_whose_counts_make_no_sense_spoils_no_other(server: WebServer) -> None:
    found = source(server).demand([work(), work("ODD")])
    assert found[work()].ready == 10
    assert "site ODD: 'many' is no number of jobs" in str(found[work("ODD")])


@pytest.mark.parametrize("specs", [None, {}, {"NORTH": 3}])
def test_specs_that_fail_leave_the_last_ones_and_the_counts_go_on(
    server: WebServer, panda: Panda, specs: Any, caplog: pytest.LogCaptureFixture
) -> None:
    asking = source(server, specs_age="0s")
    asking.demand([work()])
    panda.specs = specs
    with caplog.at_level(logging.WARNING):
        assert asking.demand([work()])[work()].status is SiteStatus.ONLINE
    assert "source panda: the site specs stay as they were" in caplog.text


def test_the_status_is_unknown_as_long_as_specs_never_came(server: WebServer, panda: Panda) -> None:
    panda.specs = None
    assert source(server).demand([work()])[work()] == Demand(
        ready=10, running=4, ready_cores=10, running_cores=4
    )


def test_the_probe_reads_the_specs(server: WebServer, panda: Panda) -> None:
    assert source(server).probe() == []
    assert source(server, specs=False).probe() == []
    panda.specs = {}
    with pytest.raises(Unavailable, match="there is no site among the site specs"):
        source(server).probe()


@dataclass
class Prover:
    """A credential that is always valid."""

    type: CredentialType
    file: Path
    name: str = "ours"

    def read(self) -> Proof:
        return Proof(path=self.file)


def proving(server: WebServer, provers: Sequence[Prover]) -> PandaSource:
    options = PandaSourceOptions(url=server.url, specs=False, credential="ours", origin="atlas.production")
    return PandaSource(options, PLACE, provers)


def test_a_token_is_read_for_every_call(server: WebServer, tmp_path: Path) -> None:
    file = tmp_path / "token"
    asking = proving(server, [Prover(CredentialType.TOKEN, file)])
    for text in ("one", "two"):
        file.write_text(f"{text}\n")
        asking.demand([work()])
    assert [asked.headers["Authorization"] for asked in server.asked] == ["Bearer one", "Bearer two"]
    assert {asked.headers["Origin"] for asked in server.asked} == {"atlas.production"}


def test_a_token_that_vanished_is_named(server: WebServer, tmp_path: Path) -> None:
    asking = proving(server, [Prover(CredentialType.TOKEN, tmp_path / "token")])
    with pytest.raises(Unavailable, match=r"credential ours: .*No such file"):
        asking.demand([work()])


def test_a_proxy_that_is_none_is_an_error_before_the_call(server: WebServer, tmp_path: Path) -> None:
    (tmp_path / "proxy").write_text("no certificate")
    asking = proving(server, [Prover(CredentialType.X509, tmp_path / "proxy")])
    with pytest.raises(Unavailable, match="PEM"):
        asking.demand([work()])
    assert server.asked == []


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("https://panda.example.org:25443", "https://panda.example.org:25443/api/v1"),
        ("https://panda.example.org:25443/", "https://panda.example.org:25443/api/v1"),
        ("http://127.0.0.1/api/latest", "http://127.0.0.1/api/latest"),
    ],
)
def test_an_address_gets_the_path_of_the_interface(written: str, url: str) -> None:
    assert PandaSourceOptions(url=written).url == url


@pytest.mark.parametrize(
    "written",
    ["panda.example.org:25443", "ftp://x", "https://", "https://me:pw@x", "https://x/?a=1", "https://x#y"],
)
def test_what_is_no_address_is_refused(written: str) -> None:
    with pytest.raises(ValidationError, match="is no address of a PanDA server"):
        PandaSourceOptions(url=written)


def test_counts_lag_by_two_minutes_unless_somebody_knows_better(server: WebServer) -> None:
    assert PandaSourceOptions(url=server.url).lag.total_seconds() == 120
    assert source(server).gives == {Need.DEMAND, Need.STATUS}
    assert work().ready == (State.ACTIVATED,)
