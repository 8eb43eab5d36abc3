"""Sections give queues complete readings and end without keeping anybody waiting."""

import threading
import time
from collections.abc import Iterator

import pytest

from autopyfactory.errors import Rejected, Unavailable
from autopyfactory.model import Demand, Order, Supply
from fakes import FakePilot, FakeWork
from rig import Rig

ALWAYS = float("-inf")


@pytest.fixture
def rig() -> Iterator[Rig]:
    rig = Rig()
    yield rig
    rig.close()


def order(count: int, tag: str = "t1") -> Order[FakePilot]:
    return Order(queue="q", pilot=FakePilot(), count=count, tag=tag)


def test_a_demand_is_stamped_with_the_beginning_of_its_query_less_the_lag(rig):
    _, source = rig.source({"work": Demand(ready=1)}, lag="90s")
    assert source.read(FakeWork(), max_age=60).as_of == 1000.0 - 90.0


def test_a_source_that_knows_better_keeps_its_own_stamp(rig):
    _, source = rig.source({"work": Demand(ready=1, as_of=700.0)}, lag="90s")
    assert source.read(FakeWork(), max_age=60).as_of == 700.0


def test_a_supply_is_stamped_unless_the_target_knows_better(rig):
    fake, target = rig.target()
    assert target.read("q", newer_than=ALWAYS, max_age=60).as_of == 1000.0
    fake.answers["q"] = Supply(as_of=990.0)
    rig.clock.advance(100)
    assert target.read("q", newer_than=ALWAYS, max_age=60).as_of == 990.0


def test_all_watched_queues_are_asked_for_in_one_query(rig):
    fake, target = rig.target()
    target.watch(["a", "b", "c"])
    target.read("a", newer_than=ALWAYS, max_age=60)
    assert [set(asked) for asked in fake.asked("supply")] == [{"a", "b", "c"}]
    assert rig.fleet.reading("site") == (0, 1000.0)


def test_all_watched_work_is_asked_for_in_one_query(rig):
    wms, source = rig.source({"a": Demand(ready=1), "b": Demand(ready=2)})
    source.watch({FakeWork(name="a"), FakeWork(name="b")})
    assert source.read(FakeWork(name="b"), max_age=60).ready == 2
    assert source.read(FakeWork(name="a"), max_age=60).ready == 1
    assert len(wms.calls) == 1


def test_an_answered_act_is_struck_out(rig):
    _, target = rig.target()
    assert len(target.submit(order(3))) == 3
    assert rig.ledger.tags("site") == []
    assert len(target.retire("t2", "q", 2)) == 2
    assert rig.ledger.tags("site") == []


@pytest.mark.parametrize(
    ("error", "tags"),
    [
        (Rejected("no"), []),
        (Unavailable("no", untouched=True), []),
        (Unavailable("lost"), ["t1"]),
        (KeyError("bug"), ["t1"]),
    ],
)
def test_only_an_act_without_a_sure_answer_stays_in_the_ledger(rig, error, tags):
    fake, target = rig.target()
    fake.fails["submit"] = error
    with pytest.raises(type(error)):
        target.submit(order(3))
    assert rig.ledger.tags("site") == tags


def test_an_act_on_a_closed_section_is_untouched(rig):
    _, target = rig.target()
    target.close(0)
    with pytest.raises(Unavailable) as caught:
        target.submit(order(3))
    assert caught.value.untouched
    assert rig.ledger.tags("site") == []


def test_closing_lets_the_act_under_way_end_and_then_the_plug_in_go(rig):
    fake, target = rig.target()
    hang = fake.hangs["submit"] = threading.Event()
    outcome: list[object] = []
    thread = threading.Thread(target=lambda: outcome.append(target.submit(order(3))))
    thread.start()
    assert fake.entered.wait(5)
    target.close(patience=30)
    target.close(patience=30)
    assert fake.closed == 0
    hang.set()
    assert target.join(5)
    thread.join(5)
    assert len(outcome[0]) == 3
    assert fake.closed == 1


def test_closing_gives_up_an_act_that_hangs_and_remembers_it(rig):
    fake, target = rig.target(timeout="1h")
    hang = fake.hangs["submit"] = threading.Event()
    outcome: list[Exception] = []

    def submit() -> None:
        try:
            target.submit(order(3))
        except Unavailable as error:
            outcome.append(error)

    thread = threading.Thread(target=submit)
    thread.start()
    assert fake.entered.wait(5)
    began = time.monotonic()
    target.close(patience=0.05)
    thread.join(5)
    assert time.monotonic() - began < 5
    assert "did not end" in str(outcome[0])
    assert rig.ledger.tags("site") == ["t1"]
    hang.set()


def test_a_plug_in_without_an_end_needs_none(rig):
    _, source = rig.source()
    source.plugin = object()
    source.close(0)
    assert source.join(5)


def test_a_section_that_was_never_closed_has_nothing_to_wait_for(rig):
    _, source = rig.source()
    assert source.join(0)
