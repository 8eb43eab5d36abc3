"""The monitor writes every report into the state folder."""

from autopyfactory.history.reader import History
from autopyfactory.model import Place
from autopyfactory.monitors.history import HistoryMonitor, HistoryOptions
from autopyfactory.outlet import Outlet
from autopyfactory.testing import MonitorContract
from reported import Site

EVER = HistoryOptions(keep_days="unlimited")


class TestHistoryMonitor(MonitorContract):
    plugin = HistoryMonitor


def test_every_report_is_there_when_the_monitor_is_closed(tmp_path):
    place = Place(section="history", factory="here", logs="", state=str(tmp_path))
    outlet = Outlet("history", HistoryMonitor(EVER, place))
    for report in Site("SITE_A").reports(30):
        outlet.put(report)
    outlet.close()
    outlet.join(10)
    assert (outlet.dropped, outlet.failed) == (0, 0)
    with History(tmp_path / "history.sqlite") as history:
        assert [report.number for report in history.reports("SITE_A")] == list(range(1, 31))


def test_what_waits_is_written_in_a_pause(tmp_path):
    monitor = HistoryMonitor(EVER, Place(section="h", factory="f", logs="", state=str(tmp_path)))
    for report in Site("SITE_A").reports(3):
        monitor.record(report)
    monitor.flush()
    with History(tmp_path / "history.sqlite") as history:
        assert history.last("SITE_A").number == 3
    monitor.close()


def test_nothing_is_touched_before_the_first_report(tmp_path):
    HistoryMonitor(EVER, Place(section="h", factory="f", logs="", state=str(tmp_path)))
    assert list(tmp_path.iterdir()) == []
