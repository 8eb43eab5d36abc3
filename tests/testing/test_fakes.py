"""The fakes keep what they promise in place of real plug-ins, and obey their tests."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from autopyfactory.errors import Rejected, Unavailable
from autopyfactory.model import Demand, Need, Order, Report, SiteStatus, Supply
from autopyfactory.options import Options, SourceSection, TargetSection
from autopyfactory.ports import Monitor
from autopyfactory.testing import (
    FakeMonitor,
    FakePilot,
    FakeSource,
    FakeTarget,
    FakeWork,
    FakeWorld,
    MonitorContract,
    SourceContract,
    TargetContract,
    VirtualClock,
)

ONE, TWO = FakeWork(name="one"), FakeWork(name="two")
ANSWERS = {
    ONE: Demand(ready=3, ready_cores=24, status=SiteStatus.ONLINE),
    TWO: Demand(running=1, status=SiteStatus.TEST),
}


class TestFakeSource(SourceContract):
    @pytest.fixture
    def section(self) -> SourceSection:
        return SourceSection()

    @pytest.fixture
    def make(self) -> Callable[[str], FakeSource]:
        return lambda factory: FakeSource(ANSWERS, gives=[Need.DEMAND, Need.STATUS])

    @pytest.fixture
    def works(self) -> list[FakeWork]:
        return [ONE, TWO]


class TestFakeTarget(TargetContract):
    gives: tuple[Need, ...] = (Need.ENDED, Need.LIFETIME)

    @pytest.fixture
    def section(self) -> TargetSection:
        return TargetSection()

    @pytest.fixture
    def make(self) -> Callable[[str], FakeTarget]:
        world = FakeWorld()
        return lambda factory: FakeTarget(factory, world=world, gives=self.gives)

    @pytest.fixture
    def pilot(self) -> FakePilot:
        return FakePilot(cores=4)


class TestFakeTargetThatKnowsIdlePilots(TestFakeTarget):
    gives = (Need.IDLE,)

    def test_idle_pilots_are_among_the_running_ones_and_have_not_started(
        self, target: Any, pilot: Any
    ) -> None:
        target.submit(self.order(pilot, 3))
        target.start(self.queues[0], 3)
        target.idle[self.queues[0]] = 2
        supply = target.supply(self.queues)[self.queues[0]]
        assert (supply.running, supply.idle, len(supply.starts)) == (3, 2, 1)


class TestFakeMonitor(MonitorContract):
    @pytest.fixture
    def section(self) -> Options:
        return Options()

    @pytest.fixture
    def make(self) -> Callable[[str], FakeMonitor]:
        return lambda factory: FakeMonitor()


def order(count: int, tag: str = "tag") -> Order[FakePilot]:
    return Order(queue="ALPHA", pilot=FakePilot(), count=count, tag=tag)


def test_pilots_move_when_told() -> None:
    clock = VirtualClock(100.0)
    target = FakeTarget(clock=clock)
    target.submit(order(5))
    target.start("ALPHA", 3)
    target.hold("ALPHA")
    clock.advance(50.0)
    target.end("ALPHA", 1, "done")
    supply = target.supply(["ALPHA"])["ALPHA"]
    assert isinstance(supply, Supply)
    assert (supply.pending, supply.running, supply.held, supply.lifetime) == (1, 2, 1, 5)
    assert supply.starts == (100.0, 100.0)
    assert [(record.run_time, record.reason) for record in supply.ended] == [(50.0, "done")]


def test_more_pilots_than_there_are_cannot_be_moved() -> None:
    with pytest.raises(AssertionError, match="ALPHA has 0 pending pilots, not 1"):
        FakeTarget().start("ALPHA")


def test_a_lost_answer_leaves_the_pilots_there() -> None:
    target = FakeTarget()
    target.lose_answer = True
    with pytest.raises(Unavailable, match="lost"):
        target.submit(order(2))
    assert target.tagged(["tag"]) == {"tag": 2}
    assert target.supply(["ALPHA"])["ALPHA"].pending == 2


def test_a_submission_may_be_accepted_in_part() -> None:
    target = FakeTarget()
    target.accept = 1
    assert len(target.submit(order(3))) == 1
    assert len(target.pilots("ALPHA", "pending")) == 1


def test_scripted_answers_replace_the_books() -> None:
    target, gone = FakeTarget(), Unavailable("gone")
    target.answers = {"ALPHA": Supply(running=7), "BETA": None, "GAMMA": gone}
    assert target.supply(["ALPHA", "BETA", "GAMMA"]) == {"ALPHA": Supply(running=7), "GAMMA": gone}


@pytest.mark.parametrize("verb", ["supply", "submit", "retire", "tagged"])
def test_one_verb_fails_alone(verb: str) -> None:
    target = FakeTarget()
    target.fails[verb] = Rejected("no")
    acts: dict[str, Callable[[], Any]] = {
        "supply": lambda: target.supply(["ALPHA"]),
        "submit": lambda: target.submit(order(1)),
        "retire": lambda: target.retire("ALPHA", 1),
        "tagged": lambda: target.tagged(["tag"]),
    }
    with pytest.raises(Rejected):
        acts.pop(verb)()
    for act in acts.values():
        act()
    assert len(target.calls) == 4


def test_a_failing_source_notes_the_call_and_raises() -> None:
    source = FakeSource(ANSWERS)
    source.fail = Unavailable("down")
    with pytest.raises(Unavailable, match="down"):
        source.demand([ONE])
    assert source.calls == [("demand", (ONE,))]
    assert source.asked("demand") == [(ONE,)]


def test_what_the_table_lacks_is_missing() -> None:
    assert FakeSource({ONE: Demand(ready=1)}).demand([ONE, TWO]) == {ONE: Demand(ready=1)}


@pytest.mark.parametrize("verb", ["", "demand"])
def test_a_hanging_source_goes_on_when_told(verb: str) -> None:
    source, answers = FakeSource(ANSWERS), []
    hang = threading.Event()
    if verb:
        source.hangs[verb] = hang
    else:
        source.hang = hang
    thread = threading.Thread(target=lambda: answers.append(source.demand([ONE])))
    thread.start()
    assert source.entered.wait(10)
    assert answers == []
    hang.set()
    thread.join(10)
    assert answers == [{ONE: ANSWERS[ONE]}]


def test_a_monitor_keeps_reports_but_those_it_fails_on() -> None:
    monitor = FakeMonitor()
    assert isinstance(monitor, Monitor)
    monitor.record(Report(queue="ALPHA"))
    monitor.fail = RuntimeError("broken")
    with pytest.raises(RuntimeError):
        monitor.record(Report(queue="BETA"))
    assert [report.queue for report in monitor.reports] == ["ALPHA"]
    monitor.close()
    assert monitor.closed == 1
