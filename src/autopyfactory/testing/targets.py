"""What every target must keep."""

from functools import partial
from itertools import chain, count
from typing import Any, ClassVar

import pytest

from autopyfactory.model import Need, Order
from autopyfactory.options import PilotOptions, TargetSection
from autopyfactory.ports import Target
from autopyfactory.testing.checks import check_options, check_supply
from autopyfactory.testing.plugins import OTHERS, OURS, Make, PlugInContract
from autopyfactory.testing.waiting import until

SERIAL = count(1)


class SupplyContract(PlugInContract):
    """What every target promises to who only reads.

    A subclass names its `plugin` and gives `pilot`; it overrides `settle` where the world needs a push.
    """

    ancestor = TargetSection
    queues: ClassVar[tuple[str, str]] = ("ALPHA", "BETA_2.x+y-z")
    patience: ClassVar[float] = 30.0
    """Seconds that the world may take to follow."""

    @pytest.fixture
    def pilot(self) -> Any:
        """Pilot options with which a submission succeeds; its pilots stay until they are retired."""
        raise NotImplementedError

    @pytest.fixture
    def target(self, make: Make) -> Any:
        return make(OURS)

    def settle(self, target: Any) -> None:
        """Push the world on, where it does not move by itself; called between two readings."""

    def reaches(self, target: Any, queue: str, pilots: int) -> bool:
        """Whether supply comes to show so many pilots that wait or run."""

        def shows() -> bool:
            self.settle(target)
            return bool(target.supply([queue])[queue].pilots == pilots)

        return until(shows, self.patience)

    def test_it_is_a_target(self, target: Any, pilot: Any) -> None:
        assert isinstance(target, Target)
        assert issubclass(target.pilot, PilotOptions)
        assert type(pilot) is target.pilot

    def test_its_pilot_is_frozen_hashable_and_knows_all_its_names(self, pilot: Any) -> None:
        check_options(pilot)

    def test_queues_without_pilots_are_named_with_zeros(self, target: Any) -> None:
        answer = target.supply(self.queues)
        assert set(answer) == set(self.queues)
        for supply in answer.values():
            check_supply(supply, target.gives)
            assert (supply.pending, supply.running, supply.held, supply.retiring) == (0, 0, 0, 0)
            assert supply.lifetime in (None, 0)

    def test_asked_for_no_queue_it_answers_nothing(self, target: Any) -> None:
        assert dict(target.supply([])) == {}
        assert dict(target.tagged([])) == {}

    def test_a_tag_that_nobody_carries_is_not_found(self, target: Any) -> None:
        assert target.tagged(["never-used"]).get("never-used", 0) == 0


class TargetContract(SupplyContract):
    """What every target promises to who acts.  Given the same as `SupplyContract`."""

    def order(self, pilot: Any, count: int, queue: str = "") -> Order[Any]:
        """An order with a tag of its own."""
        return Order(queue=queue or self.queues[0], pilot=pilot, count=count, tag=f"tag-{next(SERIAL)}")

    def retire(self, target: Any, queue: str, count: int) -> list[str]:
        """Retire until so many are gone, or the world's time is over."""
        gone: list[str] = []

        def go_on() -> bool:
            self.settle(target)
            gone.extend(target.retire(queue, count - len(gone)))
            return len(gone) >= count

        until(go_on, self.patience)
        return gone

    def test_it_gives_no_demand(self, target: Any) -> None:
        assert target.gives <= {Need.IDLE, Need.ENDED, Need.LIFETIME}

    def test_submitted_pilots_count_when_submit_returns(self, target: Any, pilot: Any) -> None:
        queue, other = self.queues
        target.submit(self.order(pilot, 3))
        answer = target.supply(self.queues)
        check_supply(answer[queue], target.gives)
        assert answer[queue].pilots == 3
        assert answer[queue].lifetime in (None, 3)
        assert answer[other].pilots == 0

    def test_tags_are_found_when_submit_returns(self, target: Any, pilot: Any) -> None:
        one, two = self.order(pilot, 2), self.order(pilot, 1, self.queues[1])
        target.submit(one)
        target.submit(two)
        found = target.tagged([one.tag, two.tag, "never-used"])
        assert (found[one.tag], found[two.tag], found.get("never-used", 0)) == (2, 1, 0)

    def test_tags_of_pilots_that_are_gone_are_found(self, target: Any, pilot: Any) -> None:
        order = self.order(pilot, 2)
        target.submit(order)
        assert len(self.retire(target, order.queue, 1)) == 1
        assert self.reaches(target, order.queue, 1)
        assert until(lambda: target.tagged([order.tag]).get(order.tag) == 2, self.patience)

    def test_every_accepted_pilot_has_an_identifier_of_its_own(self, target: Any, pilot: Any) -> None:
        first, second = target.submit(self.order(pilot, 3)), target.submit(self.order(pilot, 2))
        assert (len(first), len(second)) == (3, 2)
        assert len({*first, *second}) == 5
        assert all(type(identifier) is str and identifier for identifier in [*first, *second])

    def test_orders_in_a_row_are_answered_by_their_order(self, target: Any, pilot: Any) -> None:
        one, two = self.queues
        orders = [self.order(pilot, 2, one), self.order(pilot, 1, two), self.order(pilot, 3, one)]
        together = getattr(target, "submit_each", partial(map, target.submit))
        answers = list(together(iter(orders)))
        assert [len(answer) for answer in answers] == [2, 1, 3]
        assert len({*chain.from_iterable(answers)}) == 6
        assert target.tagged([order.tag for order in orders]) == {order.tag: order.count for order in orders}
        answer = target.supply(self.queues)
        assert [answer[queue].pilots for queue in self.queues] == [5, 1]

    def test_retire_takes_as_many_as_asked_of_that_queue(self, target: Any, pilot: Any) -> None:
        queue, other = self.queues
        pilots = set(target.submit(self.order(pilot, 3)))
        target.submit(self.order(pilot, 2, other))
        gone = self.retire(target, queue, 2)
        assert len(set(gone)) == len(gone) == 2
        assert set(gone) < pilots
        assert self.reaches(target, queue, 1)
        assert target.supply(self.queues)[other].pilots == 2

    def test_retire_takes_no_more_than_there_are(self, target: Any, pilot: Any) -> None:
        queue, other = self.queues
        pilots = target.submit(self.order(pilot, 2))
        target.submit(self.order(pilot, 1, other))
        assert set(target.retire(queue, 10)) <= set(pilots)
        assert target.supply(self.queues)[other].pilots == 1

    def test_retire_of_none_touches_nothing(self, target: Any, pilot: Any) -> None:
        queue = self.queues[0]
        target.submit(self.order(pilot, 2))
        assert list(target.retire(queue, 0)) == []
        assert target.supply([queue])[queue].pilots == 2

    def test_retire_of_an_empty_queue_touches_nothing(self, target: Any, pilot: Any) -> None:
        queue, other = self.queues
        target.submit(self.order(pilot, 2))
        assert list(target.retire(other, 5)) == []
        assert target.supply([queue])[queue].pilots == 2

    def test_pilots_of_another_factory_are_neither_counted_nor_retired(self, make: Make, pilot: Any) -> None:
        queue, order = self.queues[0], self.order(pilot, 2)
        ours, others = make(OURS), make(OTHERS)
        others.submit(order)
        assert ours.supply([queue])[queue].pilots == 0
        assert list(ours.retire(queue, 5)) == []
        ours.submit(self.order(pilot, 1))
        assert ours.supply([queue])[queue].pilots == 1
        assert others.supply([queue])[queue].pilots == 2

    def test_a_new_instance_finds_the_pilots_of_the_one_before(self, make: Make, pilot: Any) -> None:
        order = self.order(pilot, 2)
        make(OURS).submit(order)
        later = make(OURS)
        assert later.supply([order.queue])[order.queue].pilots == 2
        assert later.tagged([order.tag]) == {order.tag: 2}
