"""What an operator asks for is retired on the guard's terms, between two cycles of the queue."""

import threading
from collections.abc import Iterator

import pytest

from autopyfactory.cycle import Queue
from autopyfactory.errors import ConfigError, Rejected, Unavailable
from autopyfactory.factory import Factory
from autopyfactory.model import Demand, Order, Report, Supply
from autopyfactory.render import verdict
from autopyfactory.retirement import Wish, retire
from autopyfactory.testing import FakePilot, FakeTarget, VirtualClock, until
from rig import Rig


class Ticking(VirtualClock):
    """A clock that nobody reads twice alike."""

    def __call__(self) -> float:
        self.now += 0.001
        return self.now


class Scene:
    """A queue with pilots at a target."""

    def __init__(self, pilots: int) -> None:
        self.rig = Rig(clock=Ticking())
        self.fake_source, source = self.rig.source({"work": Demand()})
        self.fake, self.target = self.rig.target()
        self.queue: Queue = self.rig.queue(source, self.target, interval=3600)
        self.fake.submit(Order(queue="q", pilot=FakePilot(), count=pilots, tag="before"))

    def retire(self, count: int, previous: Report | None = None, *, now: bool = False) -> Report:
        return retire(self.rig.cycle, self.queue, previous, Wish(count=count, hurried=now))

    def fall(self, *levels: int) -> None:
        """Let the readings to come show so many pilots, the last level for ever."""
        told = list(levels)
        supply = self.fake.supply

        def answer(queues):
            level = told.pop(0) if len(told) > 1 else told[0]
            return {**supply(queues), "q": Supply(pending=level)}

        self.fake.supply = answer  # type: ignore[method-assign]


@pytest.fixture
def scene() -> Iterator[Scene]:
    scene = Scene(20)
    yield scene
    scene.rig.close()


def left(fake: FakeTarget) -> int:
    return len(fake.pilots("q", "pending"))


def test_so_many_are_retired_under_a_tag_and_the_report_says_who_asked(scene: Scene) -> None:
    report = scene.retire(3)
    assert left(scene.fake) == 17
    assert report.outcome is not None
    assert report.outcome.retired == ("fake.20", "fake.19", "fake.18")
    assert report.decision is not None
    assert report.decision.steps == (("retire: asked by an operator", -3),)
    assert (verdict(report), report.number, report.error) == ("retired 3", 1, None)
    assert scene.rig.ledger.open() == []


def test_neither_source_nor_policies_are_asked(scene: Scene) -> None:
    scene.fake_source.fail = Unavailable("the source is down")
    assert verdict(scene.retire(2)) == "retired 2"
    assert scene.fake_source.calls == []


def test_what_is_not_there_is_not_retired(scene: Scene) -> None:
    assert verdict(scene.retire(50)) == "retired 20 of 50"
    assert verdict(scene.retire(1)) == "retired 0 of 1"


def test_the_second_reading_is_taken_at_once(scene: Scene) -> None:
    first = scene.retire(1)
    assert len(scene.fake.asked("supply")) == 2
    scene.retire(1, first)
    assert len(scene.fake.asked("supply")) == 3


def test_who_is_hurried_takes_one_reading(scene: Scene) -> None:
    assert verdict(scene.retire(1, now=True)) == "retired 1"
    assert len(scene.fake.asked("supply")) == 1


def test_while_readings_fall_nothing_is_retired_but_for_who_is_hurried(scene: Scene) -> None:
    scene.fall(1000, 400, 150)
    report = scene.retire(2)
    fallen = "pilots fell from 1000 to 400, a second reading must agree"
    assert verdict(report) == f"nothing: guard: {fallen}: -2 -> 0"
    assert verdict(scene.retire(2, report, now=True)) == "retired 2"


def test_a_fall_that_a_second_reading_confirms_is_believed(scene: Scene) -> None:
    first = scene.retire(1)
    scene.fall(5)
    assert verdict(scene.retire(2, first)) == "retired 2"
    assert len(scene.fake.asked("supply")) == 4


def test_nothing_is_retired_while_pilots_are_uncertain_however_hurried(scene: Scene) -> None:
    scene.fake.fails["retire"] = Unavailable("the answer was lost")
    first = scene.retire(4)
    assert first.outcome is not None
    assert first.outcome.uncertain == 4
    assert [entry.count for entry in scene.rig.ledger.open()] == [4]
    scene.fake.fails.clear()
    second = scene.retire(4, first, now=True)
    assert verdict(second) == "nothing: guard: nothing is retired while 4 pilots are uncertain: -4 -> 0"
    assert left(scene.fake) == 20


def test_the_supply_is_read_after_the_last_act(scene: Scene) -> None:
    first = scene.retire(5)
    second = scene.retire(5, first)
    assert second.seen is not None
    assert second.seen.supply.pending == 15
    assert (second.number, second.acted > first.acted) == (2, True)


@pytest.mark.parametrize("error", [Unavailable("the schedd is down"), ValueError("a bug")])
def test_without_a_reading_nothing_is_retired(scene: Scene, error: Exception) -> None:
    scene.fake.fails["supply"] = error
    report = scene.retire(5, now=True)
    assert str(error) in str(report.error)
    assert scene.fake.asked("retire") == []


def test_a_refusal_is_the_reports_error(scene: Scene) -> None:
    scene.fake.fails["retire"] = Rejected("not your pilots")
    report = scene.retire(5)
    assert verdict(report) == "retired 0 of 5: not your pilots"


class TestFactory:
    def test_a_retirement_waits_for_the_cycle_under_way_and_the_next_one_knows_of_it(self, scene: Scene):
        factory = Factory(scene.rig.cycle)
        factory.apply(scene.rig.plan([scene.queue]))
        gate = scene.fake.hangs["supply"] = threading.Event()
        scene.fake.entered.clear()
        reports: list[Report] = []
        cycle = threading.Thread(target=lambda: reports.append(factory.once("q")))
        wish = Wish(count=2)
        retirement = threading.Thread(target=lambda: reports.append(factory.retire("q", wish)))
        cycle.start()
        assert scene.fake.entered.wait(30)
        retirement.start()
        assert until(lambda: scene.fake.asked("retire") == [])
        gate.set()
        for thread in (cycle, retirement):
            thread.join(30)
        assert [report.number for report in reports] == [1, 2]
        assert factory.reports()["q"] is reports[1]
        after = factory.once("q")
        assert after.seen is not None
        assert after.seen.supply.pending == 18
        assert factory.stop(5)

    def test_an_unknown_queue_is_refused(self, scene: Scene):
        with pytest.raises(ConfigError, match="no queue 'x'"):
            Factory(scene.rig.cycle).retire("x", Wish(count=1))
