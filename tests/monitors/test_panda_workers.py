"""A PanDA server hears how many pilots each site has, and what becomes of each pilot."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autopyfactory.clock import VirtualClock
from autopyfactory.errors import Closed, Unavailable
from autopyfactory.model import CredentialType, Ended, Observation, Outcome, Place, Proof, Report, Supply
from autopyfactory.monitors import panda_workers as module
from autopyfactory.monitors.panda_workers import PandaWorkersMonitor, PandaWorkersOptions
from autopyfactory.testing import MonitorContract
from autopyfactory.testing.plugins import Make
from webserver import Asked, Said, WebServer, serving

NOON = 1_900_000_000.0


class Prover:
    """A token as a monitor is handed it."""

    name = "ours"
    type = CredentialType.TOKEN

    def __init__(self, file: Path) -> None:
        self._file = file

    closed = False

    def read(self) -> Proof:
        if self.closed:
            raise Closed("credential ours is closed")
        return Proof(path=self._file)


def fine(asked: Asked) -> Said:
    data: Any = 0 if asked.path.endswith("get_current_worker_id") else None
    if asked.path.endswith("update_workers"):
        data = [True] * len(json.loads(asked.body)["workers"])
    return Said(body=json.dumps({"success": True, "message": "", "data": data}))


def down(asked: Asked) -> Said:
    return Said(status=503)


@pytest.fixture
def web() -> Iterator[WebServer]:
    with serving(fine) as running:
        yield running


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


class TestPandaWorkersMonitor(MonitorContract):
    plugin = PandaWorkersMonitor

    @pytest.fixture
    def section(self, web: WebServer) -> PandaWorkersOptions:
        return PandaWorkersOptions(url=web.url, credential="ours", origin="atlas.production")

    @pytest.fixture
    def make(self, section: PandaWorkersOptions, place: Callable[[str], Place], tmp_path: Path) -> Make:
        (tmp_path / "token").write_text("ours")
        return lambda factory: PandaWorkersMonitor(section, place(factory), [Prover(tmp_path / "token")])


@pytest.fixture
def monitor(web: WebServer, clock: VirtualClock, tmp_path: Path) -> PandaWorkersMonitor:
    return make(web, clock, tmp_path)


def make(
    web: WebServer, clock: VirtualClock, folder: Path, url: str = "", **options: Any
) -> PandaWorkersMonitor:
    (folder / "token").write_text("secret\n")
    given = {"url": web.url, "credential": "ours", "origin": "atlas.production", **options}
    place = Place(section="p", factory="us", logs="", state="", url=url)
    settings = PandaWorkersOptions.model_validate(given)
    return PandaWorkersMonitor(settings, place, [Prover(folder / "token")], clock=clock)


def report(
    queue: str = "N1", site: str = "NORTH", supply: Supply | None = None, outcome: Outcome | None = None
) -> Report:
    definition = json.dumps({"work": {"site": site, "resource_types": ["SCORE"]}, "pilot": {"cores": 2}})
    seen = None if supply is None else Observation(supply=supply)
    return Report(
        queue=queue, target="ce", wall=NOON, seconds=1.5, seen=seen, outcome=outcome, definition=definition
    )


def counts(web: WebServer) -> dict[str, Any]:
    bodies = [json.loads(asked.body) for asked in web.asked if asked.path.endswith("worker_statistics")]
    return {body["panda_queue"]: json.loads(body["statistics"])["managed"] for body in bodies}


def workers(web: WebServer) -> list[dict[str, Any]]:
    bodies = [json.loads(asked.body) for asked in web.asked if asked.path.endswith("update_workers")]
    return [worker for body in bodies for worker in body["workers"]]


def test_pilots_of_all_queues_of_a_site_are_counted_together(
    monitor: PandaWorkersMonitor, web: WebServer, clock: VirtualClock
) -> None:
    monitor.record(report("N1", supply=Supply(pending=1, running=2)))
    monitor.record(report("N2", supply=Supply(pending=10, running=20)))
    monitor.record(report("S1", "SOUTH", supply=Supply(pending=5)))
    clock.advance(300)
    monitor.record(report("N1"))
    assert counts(web) == {
        "NORTH": {"SCORE": {"submitted": 11, "running": 22}},
        "SOUTH": {"SCORE": {"submitted": 5, "running": 0}},
    }
    assert web.asked[0].path == "/api/v1/harvester/heartbeat"
    assert web.asked[0].headers["Authorization"] == "Bearer secret"


def test_a_site_is_counted_once_in_a_period(
    monitor: PandaWorkersMonitor, web: WebServer, clock: VirtualClock
) -> None:
    for _ in range(60):
        monitor.record(report(supply=Supply(pending=1)))
        monitor.flush()
        clock.advance(10)
    assert sum(asked.path.endswith("report_worker_statistics") for asked in web.asked) == 2


def test_queues_that_are_gone_are_counted_no_more_after_four_hours(
    monitor: PandaWorkersMonitor, web: WebServer, clock: VirtualClock
) -> None:
    monitor.record(report("OLD", supply=Supply(pending=7)))
    clock.advance(4 * 3600 + 1)
    monitor.record(report("N1", supply=Supply(pending=1)))
    assert counts(web)["NORTH"] == {"SCORE": {"submitted": 1, "running": 0}}


def test_a_pilot_is_told_with_its_logs_and_then_its_end(
    web: WebServer, clock: VirtualClock, tmp_path: Path
) -> None:
    monitor = make(web, clock, tmp_path, url="https://logs.example.org/us/")
    monitor.record(report(outcome=Outcome(submitted=("7.0", "7.1", "7.2"))))
    first = workers(web)[0]
    base = "https://logs.example.org/us/2030-03-17/N1/7.0"
    assert (first["workerID"], first["batchID"], first["status"]) == (1, "7.0", "submitted")
    assert (first["stdOut"], first["stdErr"], first["batchLog"]) == (
        f"{base}.out",
        f"{base}.err",
        f"{base}.log",
    )
    assert (first["computingSite"], first["nCore"], first["resourceType"]) == ("NORTH", 2, "SCORE")
    assert first["submitTime"] == "datetime/2030-03-17 17:46:41.500000"
    web.asked.clear()
    ended = (
        Ended(end=NOON, run_time=60, reason="exit code 3", pilot="7.0"),
        Ended(end=NOON, run_time=60, reason="exit code 0", pilot="of another"),
        Ended(end=NOON, run_time=60),
    )
    for _ in range(2):
        monitor.record(report(supply=Supply(ended=ended), outcome=Outcome(retired=("7.1", "6.0"))))
    monitor.flush()
    told = [(worker["workerID"], worker["status"]) for worker in workers(web)]
    assert sorted(told) == [(1, "failed"), (2, "cancelled")]


def test_numbers_alone_are_told_where_pilots_shall_not_be(
    web: WebServer, clock: VirtualClock, tmp_path: Path
) -> None:
    monitor = make(web, clock, tmp_path, workers=False)
    monitor.record(report(supply=Supply(pending=1), outcome=Outcome(submitted=("1.0",))))
    assert (workers(web), set(counts(web))) == ([], {"NORTH"})


def test_queues_whose_work_names_no_site_are_left_out(monitor: PandaWorkersMonitor, web: WebServer) -> None:
    monitor.record(Report(queue="q", outcome=Outcome(submitted=("1.0",))))
    assert web.asked == []


def test_what_a_server_that_is_away_misses_is_sent_later_or_given_up(
    monitor: PandaWorkersMonitor, web: WebServer, clock: VirtualClock
) -> None:
    web.answer = down
    with pytest.raises(Unavailable, match="503"):
        monitor.record(report(outcome=Outcome(submitted=("1.0",))))
    web.asked.clear()
    monitor.record(report(outcome=Outcome(submitted=("1.1",))))
    monitor.flush()
    assert web.asked == []
    web.answer = fine
    clock.advance(10)
    monitor.flush()
    assert [worker["batchID"] for worker in workers(web)] == ["1.0", "1.1"]
    web.answer = down
    clock.advance(3600)
    with pytest.raises(Unavailable):
        monitor.record(report(outcome=Outcome(submitted=("2.0",))))
    clock.advance(3601)
    with pytest.raises(Unavailable):
        monitor.flush()
    assert monitor.lost == 1


def test_many_pilots_go_in_batches_and_a_round_ends_in_time(
    monitor: PandaWorkersMonitor, web: WebServer, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BATCH", 2)

    def slow(asked: Asked) -> Said:
        clock.advance(20)
        return fine(asked)

    web.answer = slow
    monitor.record(report(supply=Supply(), outcome=Outcome(submitted=("1.0", "1.1", "1.2"))))
    assert (len(workers(web)), counts(web)) == (2, {})
    web.answer = fine
    monitor.flush()
    assert ([worker["workerID"] for worker in workers(web)], set(counts(web))) == ([1, 2, 3], {"NORTH"})


def test_only_so_many_pilots_are_remembered(
    web: WebServer, clock: VirtualClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ROOM", 2)
    monitor = make(web, clock, tmp_path)
    monitor.record(report(outcome=Outcome(submitted=("1.0", "1.1", "1.2"))))
    web.asked.clear()
    monitor.record(report(outcome=Outcome(retired=("1.0", "1.1", "1.2"))))
    monitor.flush()
    assert [worker["batchID"] for worker in workers(web)] == ["1.1", "1.2"]


def test_what_cannot_be_sent_at_the_end_is_lost_and_said(
    monitor: PandaWorkersMonitor, web: WebServer
) -> None:
    monitor.record(report(outcome=Outcome(submitted=("1.0",))))
    monitor.close()
    assert monitor.lost == 0
    web.answer = down
    monitor.record(report(outcome=Outcome(submitted=("1.1",))))
    with pytest.raises(Unavailable, match="503"):
        monitor.close()
    assert monitor.lost == 1
    monitor.record(report(outcome=Outcome(submitted=("1.2",))))
    with pytest.raises(Unavailable, match="never told of 1 changes"):
        monitor.close()


def test_without_a_credential_nothing_is_said(
    monitor: PandaWorkersMonitor, web: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Prover, "closed", True)
    with pytest.raises(Closed):
        monitor.record(report(outcome=Outcome(submitted=("1.0",))))
    assert web.asked == []
