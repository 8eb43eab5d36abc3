"""A target that is only looked at."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from assembling import planned, with_head
from autopyfactory.app.bystander import Bystander, look_only
from autopyfactory.errors import Rejected
from autopyfactory.model import Order, Supply
from autopyfactory.testing import FakePilot, FakeTarget


def test_it_reads_through_and_lets_go() -> None:
    target = FakeTarget()
    target.answers["A"] = Supply(pending=3)
    bystander = Bystander(target)
    assert bystander.supply(["A"]) == {"A": Supply(pending=3)}
    assert bystander.tagged(["t"]) == {}
    assert (bystander.pilot, bystander.gives, bystander.options) == (
        target.pilot, target.gives, target.options,
    )  # fmt: skip
    bystander.close()
    assert target.closed == 1


def test_every_act_is_refused_before_the_target_hears_of_it() -> None:
    target = FakeTarget()
    bystander = Bystander(target)
    with pytest.raises(Rejected, match="only looks, and was about to submit 2 pilots of A"):
        bystander.submit(Order(queue="A", pilot=FakePilot(), count=2, tag="t"))
    with pytest.raises(Rejected, match="about to retire 2 pilots of A"):
        bystander.retire("A", 2)
    assert target.calls == []


class InRows(FakeTarget):
    """A target that takes orders in a row."""

    def submit_each(self, orders: Iterator[Order[Any]]) -> Iterator[Sequence[str]]:
        return map(self.submit, orders)


def test_a_target_that_takes_orders_in_a_row_is_out_of_reach_too() -> None:
    plan = planned(with_head("[queue.A]"))
    section = plan.targets["ce01"]
    target = InRows()
    section.plugin = target
    look_only(plan)
    with pytest.raises(Rejected, match="was about to submit"):
        section.submit(Order(queue="A", pilot=FakePilot(), count=2, tag="t"))
    assert target.calls == []
    section.close(0)


def test_of_plans_that_share_a_target_it_is_wrapped_once() -> None:
    one = planned(with_head("[queue.A]"))
    other = planned(with_head("[queue.A]\n[queue.B]", one))
    inner = one.targets["ce01"].plugin
    look_only(one, other)
    wrapped = one.targets["ce01"].plugin
    assert other.targets["ce01"].plugin is wrapped
    assert isinstance(wrapped, Bystander)
    assert wrapped._inner is inner
