"""An APFMon server hears of every pilot and every decision as soon as it is there, and delays nobody."""

import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from apfmon import Apfmon
from autopyfactory.errors import Rejected, Unavailable
from autopyfactory.model import Decision, Outcome, Place, Report, Step
from autopyfactory.monitors import apfmon as module
from autopyfactory.monitors.apfmon import ApfmonMonitor, ApfmonOptions
from autopyfactory.outlet import Outlet
from autopyfactory.testing import MonitorContract, VirtualClock, until
from webserver import Asked, Said, WebServer, serving

PLACE = Place(section="apfmon", factory="us", logs="", state="", url="http://logs.example.org/us")


@pytest.fixture
def there() -> Apfmon:
    return Apfmon()


@pytest.fixture
def web(there: Apfmon) -> Iterator[WebServer]:
    with serving(there) as web:
        yield web


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


class TestApfmonMonitor(MonitorContract):
    plugin = ApfmonMonitor

    @pytest.fixture
    def section(self, web: WebServer) -> ApfmonOptions:
        return ApfmonOptions(url=f"{web.url}/api/", email="us@example.org")


@pytest.fixture
def monitor(web: WebServer, clock: VirtualClock) -> ApfmonMonitor:
    return make(web, clock)


def make(web: WebServer, clock: VirtualClock, **options: Any) -> ApfmonMonitor:
    given = {"url": f"{web.url}/api/", "email": "us@example.org", "timeout": "5s", **options}
    return ApfmonMonitor(ApfmonOptions.model_validate(given), PLACE, clock=clock)


def submitted(*cids: str, queue: str = "NORTH") -> Report:
    count = len(cids)
    return Report(
        queue=queue,
        source="panda",
        target="ce01",
        decision=Decision(count=count, steps=(Step("ready()", count),)),
        outcome=Outcome(submitted=cids),
    )


def requests(web: WebServer) -> list[str]:
    return [f"{asked.method} {asked.path.removeprefix('/api')}" for asked in web.asked]


def down(asked: Asked) -> Said:
    return Said(status=503)


def test_the_first_report_brings_factory_label_jobs_and_status(
    monitor: ApfmonMonitor, there: Apfmon, web: WebServer
) -> None:
    monitor.record(submitted("7.0", "7.1"))
    assert requests(web) == [
        "PUT /factories/us",
        "GET /labels",
        "PUT /labels",
        "PUT /jobs",
        "POST /labels/us:NORTH",
    ]
    factory = there.factories["us"]
    assert (factory["url"], factory["email"]) == (PLACE.url, "us@example.org")
    assert (there.labels["us:NORTH"]["msg"], there.labels["us:NORTH"]["resource"]) == (
        "submitted 2 (ready(): 0 -> 2)",
        "ce01",
    )
    assert set(there.jobs) == {"us:7.0", "us:7.1"}


def test_a_failed_cycle_says_so(monitor: ApfmonMonitor, there: Apfmon) -> None:
    monitor.record(Report(queue="NORTH", error=Unavailable("panda hangs")))
    assert there.labels["us:NORTH"]["msg"] == "failed: panda hangs"


def test_reports_are_gathered_and_of_several_statuses_the_last_is_sent(
    monitor: ApfmonMonitor, there: Apfmon, web: WebServer, clock: VirtualClock
) -> None:
    monitor.record(submitted("1.0"))
    web.asked.clear()
    for cid in ("2.0", "3.0"):
        clock.advance(1)
        monitor.record(submitted(cid))
    monitor.record(submitted("4.0", "4.1", queue="SOUTH"))
    assert web.asked == []
    monitor.flush()
    assert requests(web) == ["PUT /labels", "PUT /jobs", "POST /labels/us:NORTH", "POST /labels/us:SOUTH"]
    assert len(there.jobs) == 5
    web.asked.clear()
    monitor.flush()
    assert web.asked == []
    clock.advance(10)
    monitor.record(submitted("5.0"))
    assert requests(web) == ["PUT /jobs", "POST /labels/us:NORTH"]


def test_a_restart_registers_no_label_twice(
    monitor: ApfmonMonitor, web: WebServer, clock: VirtualClock, there: Apfmon
) -> None:
    queues = [f"Q{number}" for number in range(120)]
    for queue in queues:
        monitor.record(submitted(queue=queue))
    monitor.flush()
    assert len(there.labels) == 120
    web.asked.clear()
    again = make(web, clock)
    for queue in queues:
        again.record(submitted(queue=queue))
    again.flush()
    assert requests(web)[:4] == ["PUT /factories/us", *["GET /labels"] * 3]
    assert "PUT /labels" not in requests(web)


def test_what_a_server_that_is_away_misses_is_sent_later(
    monitor: ApfmonMonitor, there: Apfmon, web: WebServer, clock: VirtualClock
) -> None:
    there.others = down
    with pytest.raises(Unavailable, match="answers 503"):
        monitor.record(submitted("1.0"))
    assert len(web.asked) == 1
    for _ in range(9):
        clock.advance(1)
        monitor.record(submitted("2.0"))
        monitor.flush()
    assert len(web.asked) == 1
    there.others = lambda asked: None
    clock.advance(1)
    monitor.record(submitted("3.0"))
    assert set(there.jobs) == {"us:1.0", "us:2.0", "us:3.0"}
    assert monitor.lost == 0


def test_what_is_too_old_is_dropped_and_counted(
    monitor: ApfmonMonitor, there: Apfmon, clock: VirtualClock
) -> None:
    there.others = down
    with pytest.raises(Unavailable):
        monitor.record(submitted("1.0", "1.1"))
    there.others = lambda asked: None
    clock.advance(3601)
    monitor.record(submitted("2.0", queue="SOUTH"))
    assert (set(there.jobs), set(there.labels)) == ({"us:2.0"}, {"us:SOUTH"})
    assert monitor.lost == 3


def test_pilots_whose_names_the_server_has_no_room_for_are_counted(
    monitor: ApfmonMonitor, there: Apfmon
) -> None:
    monitor.record(submitted("1.0", "i-0123456789abcdef"))
    assert (set(there.jobs), monitor.lost) == ({"us:1.0"}, 1)


@pytest.mark.parametrize("cached", [False, True])
def test_a_server_that_has_lost_everything_is_told_again(
    monitor: ApfmonMonitor, there: Apfmon, clock: VirtualClock, cached: bool
) -> None:
    monitor.record(submitted("1.0"))
    there.listed = list(there.labels.values()) if cached else None
    for table in (there.factories, there.labels, there.jobs):
        table.clear()
    clock.advance(10)
    with pytest.raises(Unavailable, match="404"):
        monitor.record(submitted("2.0"))
    clock.advance(10)
    monitor.record(submitted("3.0"))
    assert (set(there.jobs), set(there.labels)) == ({"us:2.0", "us:3.0"}, {"us:NORTH"})
    assert monitor.lost == 0


def test_a_factory_that_is_gone_while_a_new_label_is_made_is_made_again(
    monitor: ApfmonMonitor, there: Apfmon, clock: VirtualClock
) -> None:
    monitor.record(submitted())
    there.factories.clear()
    clock.advance(10)
    with pytest.raises(Unavailable, match="forgotten this factory"):
        monitor.record(submitted("2.0", queue="SOUTH"))
    clock.advance(10)
    monitor.flush()
    assert (set(there.factories), set(there.jobs)) == ({"us"}, {"us:2.0"})


def test_a_label_that_is_gone_is_made_again(
    monitor: ApfmonMonitor, there: Apfmon, clock: VirtualClock
) -> None:
    monitor.record(submitted("1.0"))
    del there.labels["us:NORTH"]
    monitor.record(submitted())
    monitor.flush()
    assert there.labels == {}
    monitor.flush()
    assert there.labels["us:NORTH"]["msg"] == "nothing: no step asked for pilots"
    del there.labels["us:NORTH"]
    monitor.record(submitted("2.0"))
    monitor.flush()
    assert set(there.jobs) == {"us:1.0", "us:2.0"}


def test_jobs_that_the_server_will_not_have_are_given_up(monitor: ApfmonMonitor, there: Apfmon) -> None:
    there.others = refusing_jobs("0 jobs, 2 not created")
    monitor.record(submitted("1.0", "1.1"))
    assert (monitor.lost, there.labels["us:NORTH"]["msg"]) == (2, "submitted 2 (ready(): 0 -> 2)")


def refusing_jobs(words: str) -> Any:
    return lambda asked: Said(body=f"Created 0/{words}") if asked.path == "/api/jobs" else None


@pytest.mark.parametrize(("path", "lost"), [("/api/jobs", 2), ("/api/labels/us:NORTH", 1)])
def test_what_is_refused_is_not_said_again(
    monitor: ApfmonMonitor, there: Apfmon, web: WebServer, clock: VirtualClock, path: str, lost: int
) -> None:
    there.others = lambda asked: Said(status=400, body="Invalid data") if asked.path == path else None
    with pytest.raises(Rejected, match="Invalid data"):
        monitor.record(submitted("1.0", "1.1"))
    assert monitor.lost == lost
    web.asked.clear()
    clock.advance(10)
    monitor.flush()
    assert path not in {asked.path for asked in web.asked}


def test_a_round_ends_in_time_and_the_next_goes_on(
    monitor: ApfmonMonitor, there: Apfmon, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BATCH", 2)

    def slow(asked: Asked) -> None:
        clock.advance(20 if asked.path == "/api/jobs" or asked.method == "POST" else 0)

    there.others = slow
    monitor.record(submitted(*(f"1.{number}" for number in range(6))))
    assert len(there.jobs) == 4
    monitor.record(submitted(queue="SOUTH"))
    monitor.flush()
    assert (len(there.jobs), there.labels["us:NORTH"]["msg"] != "") == (6, True)
    assert there.labels["us:SOUTH"]["msg"] == ""
    monitor.flush()
    assert there.labels["us:SOUTH"]["msg"] != ""


def test_many_jobs_go_in_batches(monitor: ApfmonMonitor, there: Apfmon, web: WebServer) -> None:
    monitor.record(submitted(*(f"1.{number}" for number in range(250))))
    sizes = [len(json.loads(asked.body)) for asked in web.asked if asked.path == "/api/jobs"]
    assert (sizes, len(there.jobs)) == ([100, 100, 50], 250)


def test_what_waits_at_the_end_is_sent(monitor: ApfmonMonitor, there: Apfmon) -> None:
    monitor.record(submitted("1.0"))
    monitor.record(submitted("2.0"))
    monitor.close()
    assert (set(there.jobs), monitor.lost) == ({"us:1.0", "us:2.0"}, 0)


def test_what_cannot_be_sent_at_the_end_is_lost_and_said(monitor: ApfmonMonitor, there: Apfmon) -> None:
    there.others = down
    with pytest.raises(Unavailable):
        monitor.record(submitted("1.0"))
    with pytest.raises(Unavailable, match="never told of 2 pilots and statuses"):
        monitor.close()
    assert monitor.lost == 2


def test_a_server_that_hangs_delays_no_cycle(there: Apfmon, web: WebServer) -> None:
    freed = threading.Event()

    def hang(asked: Asked) -> None:
        freed.wait(60)

    there.others = hang
    outlet = Outlet("apfmon", ApfmonMonitor(ApfmonOptions(url=web.url + "/api"), PLACE), room=3)
    began = time.monotonic()
    for number in range(100):
        outlet.put(submitted(f"{number}.0"))
    assert time.monotonic() - began < 1
    assert until(lambda: bool(web.asked))
    assert outlet.dropped >= 96
    freed.set()
    outlet.close()
    outlet.join(10)
    assert "us:0.0" in there.jobs


@pytest.mark.parametrize(
    "url", ["apfmon.example.org", "ftp://apfmon", "http://", "http://a?b", "https://me@host"]
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="is no address"):
        ApfmonOptions(url=url)


def test_nothing_is_touched_before_the_first_report(web: WebServer, clock: VirtualClock) -> None:
    make(web, clock).flush()
    assert web.asked == []
