"""What every monitor must keep."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from autopyfactory.model import Place, Report
from autopyfactory.options import Options
from autopyfactory.ports import Monitor
from autopyfactory.testing.plugins import OURS, Make, PlugInContract
from autopyfactory.testing.strategies import SELDOM, SUITES, reports

# One monitor sees all reports of a test, as in life.
ONE_FOR_ALL = settings(SELDOM, suppress_health_check=[*SUITES, HealthCheck.function_scoped_fixture])


class MonitorContract(PlugInContract):
    """What every monitor promises: whatever a cycle came to, it takes note of it."""

    ancestor = Options

    @pytest.fixture
    def monitor(self, make: Make, place: Callable[[str], Place]) -> Any:
        """One as it stands in a daemon, which has made its state folder."""
        Path(place(OURS).state).mkdir(parents=True)
        return make(OURS)

    def test_it_is_a_monitor(self, monitor: Any) -> None:
        assert isinstance(monitor, Monitor)

    @ONE_FOR_ALL
    @given(report=reports())
    def test_it_takes_note_of_any_report(self, monitor: Any, report: Report) -> None:
        monitor.record(report)

    def test_it_can_be_flushed_and_goes_on_and_can_be_closed(self, monitor: Any) -> None:
        for number in range(1, 4):
            monitor.record(Report(queue="ALPHA", number=number))
            getattr(monitor, "flush", list)()
        getattr(monitor, "close", list)()
