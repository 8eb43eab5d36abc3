"""A staged target acts late while it hangs, and its records are those of its world."""

from typing import Any

import pytest

from autopyfactory.app.simulation.clock import START
from autopyfactory.app.simulation.staged import Hanging, StagedTarget
from autopyfactory.clients.simulation.simulator import Setup
from autopyfactory.clients.simulation.world import World
from autopyfactory.clock import VirtualClock
from autopyfactory.errors import Unavailable, may_have_happened
from autopyfactory.model import Need, Order
from autopyfactory.options import PilotOptions
from autopyfactory.ports import Target


def staged(**words: Any) -> tuple[VirtualClock, StagedTarget]:
    clock = VirtualClock(START)
    laws = Setup.model_validate({"queue_delay": {"mean": 0}, "run_time": {"mean": 10}, **words})
    world = World(laws, born=START)
    target = StagedTarget(
        pilot=PilotOptions,
        gives=frozenset({Need.ENDED, Need.LIFETIME}),
        world=world,
        laws=laws,
        factory="us",
        clock=clock,
        born=START,
        recent=60.0,
    )
    return clock, target


def order(count: int) -> Order[PilotOptions]:
    return Order(queue="A", pilot=PilotOptions(), count=count, tag="tag")


def test_it_is_a_target_with_the_records_of_its_world() -> None:
    clock, target = staged()
    assert isinstance(target, Target)
    assert target.submit(order(150)) == [str(number) for number in range(1, 151)]
    clock.now += 5
    assert target.supply(["A"])["A"].running == 100
    for seconds in (6, 10):
        clock.now += seconds
        supply = target.supply(["A"])["A"]
    assert supply.ended is not None
    assert (len(supply.ended), supply.lifetime, supply.idle) == (100, 150, None)
    assert [record.end - START for record in supply.ended] == [10.0] * 50 + [20.0] * 50


def test_while_it_hangs_an_act_has_no_answer_and_is_done_when_it_is_over() -> None:
    clock, target = staged(outages=[{"after": 0, "lasts": 60, "hangs": True}], run_time={"mean": "1h"})
    with pytest.raises(Hanging) as caught:
        target.submit(order(3))
    assert may_have_happened(caught.value)
    assert target.tagged(["tag"]) == {}
    clock.now += 60
    assert target.supply(["A"])["A"].running == 3
    assert target.tagged(["tag"]) == {"tag": 3}


def test_while_it_refuses_surely_nothing_is_done() -> None:
    clock, target = staged(outages=[{"after": 0, "lasts": 60}])
    for act in (lambda: target.submit(order(3)), lambda: target.retire("A", 3)):
        with pytest.raises(Unavailable) as caught:
            act()
        assert not may_have_happened(caught.value)
    clock.now += 60
    assert target.supply(["A"])["A"].lifetime == 0
