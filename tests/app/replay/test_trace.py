"""What the record of one queue tells of the world."""

import json
from pathlib import Path

import pytest

from autopyfactory.app.replay.trace import GAP, Asked, Trace, held_as_of, read, statuses
from autopyfactory.errors import Closed, FactoryError, Unavailable
from autopyfactory.history.database import FILE
from autopyfactory.history.reader import History, Span
from autopyfactory.model import Demand, Ended, Observation, Outcome, SiteStatus, Supply
from autopyfactory.options import HeldAs
from remembered import CYCLES, INTERVAL, NOW, remember

MINUTE = 60.0


def seen(
    pending: int = 0, running: int = 0, ended: tuple[Ended, ...] | None = (), **work: object
) -> Observation:
    demand = Demand(as_of=1.0, **work) if work else Demand()  # type: ignore[arg-type]
    return Observation(demand=demand, supply=Supply(pending=pending, running=running, ended=ended))


def trace(*cycles: tuple[Observation, Outcome | None]) -> Trace:
    """A minute apart, from 1000 on."""
    found = Trace(queue="A")
    for number, (observation, outcome) in enumerate(cycles):
        found.take(1000 + number * MINUTE, observation, outcome)
    return found


def test_pilots_that_came_and_do_not_wait_any_more_have_started() -> None:
    two = Outcome(submitted=("1", "2"))
    found = trace((seen(pending=3), two), (seen(pending=4), Outcome(retired=("1",))), (seen(pending=1), None))
    assert found.started == 3 + 2 - 1 - 1
    assert found.waited == (3 + 4) * MINUTE


def test_an_empty_trace_tells_nothing() -> None:
    empty = Trace(queue="A")
    assert (empty.started, empty.waited, empty.run_times, empty.ends()) == (0, 0, [], [])
    assert list(statuses(empty)) == []


def test_what_was_between_two_readings_far_apart_is_not_known() -> None:
    found = Trace(queue="A")
    found.take(0.0, seen(pending=1), None)
    found.take(10 * GAP, seen(pending=1), None)
    assert found.waited == GAP


def test_every_ended_pilot_counts_once_and_those_from_before_the_record_only_as_ended() -> None:
    old, one, two = (
        Ended(end=end, run_time=seconds) for end, seconds in ((900, 5), (1010, 600), (1070, 700))
    )
    found = trace((seen(ended=(old,)), None), (seen(ended=(old, one)), None), (seen(ended=(one, two)), None))
    assert found.ends() == [900, 1010, 1070]
    assert found.run_times == [600, 700]
    none = Ended(end=1070, run_time=0)
    assert trace((seen(ended=(old, one, none, none)), None)).ends() == [900, 1010]
    assert trace((seen(ended=None), None)).run_times == []


def test_the_times_when_the_site_was_not_online_are_spells() -> None:
    test, offline = SiteStatus.TEST, SiteStatus.OFFLINE
    states = (SiteStatus.ONLINE, test, test, None, offline, offline)
    found = trace(*((seen(ready=1, status=status), None) for status in states))
    assert list(statuses(found)) == [(1060, 1240, SiteStatus.TEST), (1240, 1300, SiteStatus.OFFLINE)]


def test_a_cycle_without_a_known_demand_tells_of_pilots_alone() -> None:
    found = trace((seen(pending=2), None), (seen(ready=1), None))
    assert [point.work is None for point in found.points] == [True, False]


def test_a_trace_is_read_from_the_history(tmp_path: Path) -> None:
    remember(tmp_path)
    with History(tmp_path / FILE) as history:
        whole = read(history, "SITE_A", Span(0, NOW))
        part = read(history, "SITE_A", Span(NOW - 10.5 * INTERVAL, NOW - 4.5 * INTERVAL))
    assert len(whole.points) == CYCLES - 1  # one cycle saw nothing
    assert [point.running for point in part.points] == [91, 92, 93, 94, 95]
    assert whole.moved > 0


def test_held_pilots_neither_wait_nor_run_whatever_they_are_counted_as() -> None:
    for held_as, pending, running in ((HeldAs.PENDING, 6, 3), (HeldAs.RUNNING, 4, 5), (HeldAs.NOTHING, 4, 3)):
        found = Trace(queue="A")
        for number, held in enumerate((2, 2, 0, 1)):
            extra = held if held_as is not HeldAs.NOTHING else 0
            supply = Supply(
                pending=4 + (extra if pending > 4 else 0),
                running=3 + (extra if running > 3 else 0),
                held=held,
            )
            found.take(number * MINUTE, Observation(supply=supply), None, held_as)
        assert {(point.pending, point.running) for point in found.points} == {(4, 3)}
        assert (found.holds, found.held) == (1, 4 * MINUTE)


def asked(**facts: object) -> Asked:
    whole = {"wall": 1.0, "seen": None, "outcome": None, "error": None, "source": "wms", "target": "ce"}
    return Asked(**{**whole, **facts})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("cycle", "source", "target"),
    [
        (asked(seen=seen(ready=1)), [True], [True]),
        (asked(error=Unavailable("source wms gave no answer: it hangs")), [False], []),
        (asked(error=Unavailable("source wms: no answer"), seen=seen()), [False], [True]),
        (asked(error=Unavailable("target ce: the schedd is away")), [], [False]),
        (asked(error=Unavailable("target ce: refused"), seen=seen(ready=1)), [True], [True]),  # an act failed
        (asked(error=Closed("source wms is closed: the factory stops")), [], []),
        (asked(error=FactoryError("KeyError: x")), [], []),
    ],
)
def test_who_was_asked_and_answered_is_known(cycle: Asked, source: list[bool], target: list[bool]) -> None:
    found = Trace(queue="A")
    found.ask(cycle)
    assert [sight.answered for sight in found.asked_source] == source
    assert [sight.answered for sight in found.asked_target] == target
    assert found.source == "wms"


def test_what_held_pilots_were_counted_as_stands_in_the_definition() -> None:
    target = {"name": "ce", "options": {"held_as": "running"}}
    assert held_as_of(json.dumps({"target": target})) is HeldAs.RUNNING
    assert held_as_of(json.dumps({"target": {"options": {}}})) is None
    assert held_as_of("") is None
