"""A line that says what happened since the last one."""

from autopyfactory.app.summary import Summary
from autopyfactory.errors import Closed, Unavailable
from autopyfactory.model import Outcome, Report


def test_a_summary_counts_and_begins_anew() -> None:
    summary = Summary()
    for report in (
        Report(queue="a", outcome=Outcome(submitted=("1", "2"))),
        Report(queue="a", outcome=Outcome(retired=("1",))),
        Report(queue="b", outcome=Outcome(uncertain=3), error=Unavailable("no answer")),
        Report(queue="b", error=Unavailable("no answer")),
    ):
        summary.record(report)
    assert summary.line() == ("4 cycles, 2 of them failed; 2 pilots submitted, 1 retired, 3 uncertain")
    assert summary.line().startswith("0 cycles, 0 of them failed; 0 pilots")


def test_what_the_stop_cut_short_has_not_failed() -> None:
    summary = Summary()
    summary.record(Report(queue="a", outcome=Outcome(submitted=("1",))))
    assert summary.line().startswith("1 cycle, 0 of them failed; 1 pilot submitted")
    summary.record(Report(queue="a", error=Closed("target ce is closed: the factory stops")))
    assert summary.line().startswith("1 cycle, 0 of them failed")
