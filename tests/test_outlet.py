"""A monitor behind an outlet delays and fails nobody."""

import logging
import threading

import pytest

from autopyfactory import outlet as module
from autopyfactory.model import Report
from autopyfactory.outlet import Outlet
from autopyfactory.testing import FakeMonitor


def test_reports_arrive_in_order():
    monitor = FakeMonitor()
    outlet = Outlet("board", monitor)
    for number in range(20):
        outlet.put(Report(queue="q", number=number))
    outlet.close()
    outlet.join(5)
    assert [report.number for report in monitor.reports] == list(range(20))
    assert (outlet.dropped, outlet.failed) == (0, 0)


def test_a_hanging_monitor_costs_only_its_own_reports():
    monitor = FakeMonitor()
    monitor.hang = threading.Event()
    outlet = Outlet("board", monitor, room=3)
    outlet.put(Report(queue="q", number=0))
    assert monitor.entered.wait(5)
    for number in range(1, 10):
        outlet.put(Report(queue="q", number=number))
    assert outlet.dropped == 6
    outlet.close()
    outlet.join(0.01)
    monitor.hang.set()
    outlet.join(5)
    assert [report.number for report in monitor.reports] == [0, 1, 2, 3]


def test_a_failing_monitor_goes_on_and_is_named(caplog):
    monitor = FakeMonitor()
    monitor.fail = OSError("disk full")
    outlet = Outlet("history", monitor)
    with caplog.at_level(logging.ERROR):
        for number in range(5):
            outlet.put(Report(queue="q", number=number))
        outlet.close()
        outlet.join(5)
    assert outlet.failed == 5
    assert [record.message for record in caplog.records] == [
        f"monitor history failed {times} times, last: OSError('disk full')" for times in (1, 2, 4)
    ]


class Gathering(FakeMonitor):
    """A monitor that writes down what it has gathered when nothing comes."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[int] = []
        self.flushed = threading.Event()

    def flush(self) -> None:
        self.enter("flush", None)
        self.written = [report.number for report in self.reports]
        self.flushed.set()


def test_one_that_gathers_is_told_of_a_pause(monkeypatch):
    monkeypatch.setattr(module, "PAUSE", 0.01)
    monitor = Gathering()
    outlet = Outlet("history", monitor)
    assert monitor.flushed.wait(5)
    for number in (1, 2):
        monitor.flushed.clear()
        outlet.put(Report(queue="q", number=number))
        assert monitor.flushed.wait(5)
    outlet.close()
    outlet.join(5)
    assert monitor.written == [1, 2]


def test_one_that_need_not_hear_at_once_is_handed_all_that_came_meanwhile():
    monitor = Gathering()
    monitor.lull = 1.0
    outlet = Outlet("history", monitor)
    assert monitor.flushed.wait(5)
    monitor.flushed.clear()
    for number in (1, 2, 3):
        outlet.put(Report(queue="q", number=number))
    assert monitor.flushed.wait(5)
    assert monitor.written == [1, 2, 3]
    assert [verb for verb, _ in monitor.calls] == ["flush", "record", "record", "record", "flush"]
    outlet.close()
    outlet.join(5)


@pytest.mark.parametrize("verb", ["flush", "close"])
def test_what_fails_in_a_pause_or_at_the_end_is_counted_too(monkeypatch, verb):
    monkeypatch.setattr(module, "PAUSE", 0.01)

    class Failing(Gathering):
        def close(self) -> None:
            self.enter("close", None)

    monitor = Failing()
    monitor.fails = {verb: OSError("disk full")}
    outlet = Outlet("history", monitor)
    assert monitor.entered.wait(5)
    outlet.close()
    outlet.join(5)
    assert outlet.failed == 1


def test_what_a_monitor_could_not_pass_on_is_told_where_it_counts_it():
    monitor = FakeMonitor()
    outlet = Outlet("apfmon", monitor)
    assert outlet.lost == 0
    monitor.lost = 3
    assert outlet.lost == 3
    outlet.close()
    outlet.join(5)
