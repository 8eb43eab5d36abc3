"""A line that says what happened since the last one."""

from autopyfactory.app.summary import Summary
from autopyfactory.errors import Unavailable
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
