"""A record that is replayed under its own configuration gives the recorded decisions, all of them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from assembling import PROCESS, planned
from autopyfactory.app.assembly.assemble import assemble
from autopyfactory.app.replay.open_loop import lacking, replay
from autopyfactory.app.replay.ruling import Ruling
from autopyfactory.history.database import FILE
from autopyfactory.history.reader import EVER, History, Span
from autopyfactory.model import Demand, Observation, Report, Step, Supply, Unit
from autopyfactory.render import changes
from autopyfactory.retirement import ASKED
from played import record, scenario


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("played")
    record(folder)
    return folder


@pytest.fixture
def history(folder: Path) -> Iterator[History]:
    with History(folder / FILE) as opened:
        yield opened


def ignore(_: float) -> None: ...


def decided(history: History) -> list[Report]:
    """The cycles of all queues that came to a decision."""
    found = history.everything()
    return [report for report in found if steps(report) and steps(report)[0].rule != ASKED]


def steps(report: Report) -> tuple[Step, ...]:
    return () if report.decision is None else report.decision.steps


def test_much_happened_in_the_hour(history: History) -> None:
    words = {str(rule) for report in decided(history) for rule, _ in steps(report)}
    for part in ("pilots a minute", "'upgrade'", "downtime of queue", "demand unknown", "throttle"):
        assert any(part in word for word in words), (part, sorted(words))
    assert any(report.decision and report.decision.count < 0 for report in decided(history))
    assert len(decided(history)) > 200


def test_every_decision_is_the_same_step_by_step(history: History) -> None:
    for report in decided(history):
        assert report.seen is not None
        assert report.decision is not None
        ruling = Ruling.of_definition(report.definition)
        again = ruling.decide(ruling.adapt(report.seen), report.guard, report.wall, report.error)
        assert again is not None
        assert list(changes(again)) == list(changes(report.decision))
        assert again.count == report.decision.count


def test_a_replay_under_the_own_definitions_differs_nowhere(history: History) -> None:
    for queue in history.queues():
        trial = replay(history, queue, EVER, Ruling.of_definition, ignore)
        assert (trial.differ, trial.first) == (0, None)
        assert trial.same + trial.blind == trial.cycles >= 59
        assert trial.recorded == trial.replayed


def test_a_replay_under_the_same_configuration_read_anew_differs_nowhere(
    history: History, folder: Path
) -> None:
    plan = planned(assemble(scenario(folder).configuration, PROCESS))
    for queue in history.queues():
        ruling = Ruling.of_queue(plan.queues[queue], plan)
        trial = replay(history, queue, EVER, lambda _, ruling=ruling: ruling, ignore)  # type: ignore[misc]
        assert (trial.differ, trial.first) == (0, None)


def test_a_tighter_chain_is_told_where_it_first_differs(history: History, folder: Path) -> None:
    tighter = scenario(folder, change=("limit = 25", "limit = 3"))
    plan = planned(assemble(tighter.configuration, PROCESS))
    ruling = Ruling.of_queue(plan.queues["NORTH"], plan)
    trial = replay(history, "NORTH", EVER, lambda _: ruling, ignore)
    first = next(
        report
        for report in history.reports("NORTH")
        if report.seen and report.decision and report.decision.count > max(0, 3 - report.seen.supply.pending)
    )
    assert trial.first is not None
    assert (trial.first.wall, trial.first.recorded) == (first.wall, first.decision and first.decision.count)
    assert trial.replayed.burst <= 3 < trial.recorded.burst
    assert trial.replayed.submitted < trial.recorded.submitted
    assert trial.replayed.unmet > trial.recorded.unmet
    assert trial.differ > 0


def test_only_what_lies_within_the_time_is_replayed_and_the_progress_is_told(history: History) -> None:
    whole = history.span()
    assert whole is not None
    half = Span(whole.first, whole.first + 1800)
    shown: list[float] = []
    trial = replay(history, "SOUTH", half, Ruling.of_definition, shown.append)
    assert 29 <= trial.cycles <= 31
    assert shown == sorted(shown)
    assert 1700 < shown[-1] <= 1800


@pytest.mark.parametrize(
    ("demand", "supply", "unit", "lack"),
    [
        (Demand(ready=5), Supply(pending=2), Unit.JOBS, 3),
        (Demand(ready=5), Supply(pending=7), Unit.JOBS, -2),
        (Demand(ready=5), Supply(pending=1, running=2, idle=2), Unit.JOBS, 2),
        (Demand(ready=0), Supply(pending=1, running=3, idle=2), Unit.JOBS, -3),
        (Demand(ready=1, ready_cores=16), Supply(), Unit.CORES, 4),
    ],
)
def test_what_lacks_is_work_without_a_pilot_in_pilots(
    demand: Demand, supply: Supply, unit: Unit, lack: int
) -> None:
    assert lacking(Observation(demand=demand, supply=supply, cores=4), unit) == lack
