"""What the log tells, and what it keeps to itself."""

import logging
from dataclasses import replace

import pytest

from autopyfactory.errors import Closed, Unavailable
from autopyfactory.model import (
    Decision,
    Demand,
    Observation,
    Outcome,
    Place,
    Report,
    SiteStatus,
    Step,
    Supply,
)
from autopyfactory.monitors import log as log_module
from autopyfactory.monitors.log import LogMonitor
from autopyfactory.options import Options
from autopyfactory.testing import MonitorContract

FINE = Report(queue="q", decision=Decision(count=0), outcome=Outcome())
SUBMITTED = Report(
    queue="q", decision=Decision(count=2, steps=(Step("ready()", 2),)), outcome=Outcome(submitted=("1", "2"))
)
CUT = Decision(count=0, steps=(Step("ready()", 5), Step("guard: 60 pilots a minute at ce", 0)))


class TestLogMonitor(MonitorContract):
    plugin = LogMonitor


@pytest.fixture
def monitor() -> LogMonitor:
    return LogMonitor(Options(), Place(section="log", factory="f", logs="", state=""))


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, "autopyfactory.monitors.log")
    return caplog


def failed(text: str) -> Report:
    return Report(queue="q", error=Unavailable(text))


def at(status: SiteStatus) -> Report:
    return replace(FINE, seen=Observation(demand=Demand(status=status)))


def test_an_act_is_a_line_with_its_trail(monitor: LogMonitor, told: pytest.LogCaptureFixture) -> None:
    monitor.record(SUBMITTED)
    assert told.messages == ["q: submitted 2 (ready(): 0 -> 2)"]


def test_a_cycle_without_news_is_silent(monitor: LogMonitor, told: pytest.LogCaptureFixture) -> None:
    monitor.record(FINE)
    assert told.messages == []


def test_an_error_is_told_once_until_its_words_change(
    monitor: LogMonitor, told: pytest.LogCaptureFixture
) -> None:
    for text in ("runs since 3 s", "runs since 14.5 s", "no such host", "no such host"):
        monitor.record(failed(text))
    assert told.messages == ["q: failed: runs since 3 s", "q: failed: no such host"]
    assert {record.levelname for record in told.records} == {"WARNING"}


def test_a_recovery_is_told_once_and_the_same_error_is_news_again(
    monitor: LogMonitor, told: pytest.LogCaptureFixture
) -> None:
    for report in (failed("down"), failed("down"), FINE, FINE, failed("down")):
        monitor.record(report)
    assert told.messages == ["q: failed: down", "q: works again after 2 failed cycles", "q: failed: down"]


def test_an_act_that_may_have_happened_is_told_every_time(
    monitor: LogMonitor, told: pytest.LogCaptureFixture
) -> None:
    uncertain = replace(SUBMITTED, outcome=Outcome(uncertain=2), error=Unavailable("lost"))
    monitor.record(uncertain)
    monitor.record(uncertain)
    assert told.messages == ["q: submitted 0 of 2, 2 uncertain: lost (ready(): 0 -> 2)"] * 2


def test_a_cut_of_the_guard_is_told_once_until_it_is_over(
    monitor: LogMonitor, told: pytest.LogCaptureFixture
) -> None:
    cut = replace(FINE, decision=CUT)
    for report in (cut, cut, FINE, cut):
        monitor.record(report)
    line = "guard: 60 pilots a minute at ce: 5 -> 0"
    assert told.messages == [f"q: nothing: {line} (ready(): 0 -> 5, {line})"] * 2


def test_a_change_of_the_sites_status_is_told(monitor: LogMonitor, told: pytest.LogCaptureFixture) -> None:
    for report in (at(SiteStatus.ONLINE), at(SiteStatus.ONLINE), FINE, at(SiteStatus.OFFLINE)):
        monitor.record(report)
    assert told.messages == ["q: the site was online and is offline now"]


def test_queues_have_news_of_their_own(monitor: LogMonitor, told: pytest.LogCaptureFixture) -> None:
    monitor.record(failed("down"))
    monitor.record(replace(failed("down"), queue="r"))
    assert told.messages == ["q: failed: down", "r: failed: down"]


def holding(count: int) -> Report:
    return replace(FINE, target="ce", seen=Observation(supply=Supply(held=count)))


def test_held_pilots_are_told_once_until_none_is_held(
    monitor: LogMonitor, told: pytest.LogCaptureFixture
) -> None:
    for report in (holding(0), holding(3), holding(2), failed("down"), holding(1), holding(0), holding(1)):
        monitor.record(report)
    assert [record.getMessage() for record in told.records if "held" in record.getMessage()] == [
        "q: 3 pilots are held at ce; ask there for the reason",
        "q: no pilot is held any more",
        "q: 1 pilot is held at ce; ask there for the reason",
    ]
    assert told.records[0].levelname == "WARNING"


def troubled(*troubles: str) -> Report:
    return replace(FINE, target="ce", seen=Observation(supply=Supply(held=3, troubles=troubles)))


def test_a_trouble_is_told_once_whatever_its_numbers_until_there_is_none(
    monitor: LogMonitor, told: pytest.LogCaptureFixture
) -> None:
    for troubles in (("3 held: code",), ("2 held: code", "1 pending"), ("1 held: code",), (), ("1 pending",)):
        monitor.record(troubled(*troubles))
    assert told.messages == [
        "q: 3 pilots are held at ce",
        "q: trouble at ce: 3 held: code",
        "q: trouble at ce: 1 pending",
        "q: trouble at ce: 1 pending",
    ]


def test_a_cycle_that_the_stop_cut_short_is_no_failure(
    monitor: LogMonitor, told: pytest.LogCaptureFixture
) -> None:
    wrapped = Unavailable("target ce: closed")
    wrapped.__cause__ = Closed("closed")
    monitor.record(Report(queue="q", error=Closed("target ce is closed")))
    monitor.record(Report(queue="q", error=wrapped))
    assert told.messages == []
    monitor.record(replace(SUBMITTED, outcome=Outcome(uncertain=2), error=Closed("closed")))
    assert told.messages == ["q: submitted 0 of 2, 2 uncertain: closed (ready(): 0 -> 2)"]


def test_queues_that_are_gone_are_forgotten(
    monitor: LogMonitor, told: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_module, "KNOWN", 2)
    failed = replace(FINE, error=Unavailable("down"))
    for name in ("a", "b", "a", "c", "a", "b"):
        monitor.record(replace(failed, queue=name))
    assert [line.partition(":")[0] for line in told.messages] == ["a", "b", "c", "b"]
