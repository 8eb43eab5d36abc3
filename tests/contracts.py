"""What every source, target and credential must keep: test classes to subclass, one per kind of port.

A subclass names its `plugin` and gives the fixtures that the base leaves open:

    class TestLocalTarget(TargetContract):
        plugin = LocalTarget

        @pytest.fixture
        def section(self, tmp_path):
            return LocalTarget.options(...)

        @pytest.fixture
        def pilot(self):
            return LocalPilot(...)

Override `place` where two factories meet otherwise than by their section, `make` where making the
plug-in takes more than `plugin(section, place)`, and `settle` where the world needs a push to move on.
"""

import time
from collections.abc import Sequence
from itertools import count
from typing import Any, ClassVar

import pytest

from autopyfactory.model import CredentialType, Demand, Need, Order
from autopyfactory.options import CredentialSection, Options, PilotOptions, SourceSection, TargetSection
from autopyfactory.ports import Credential, Target, WorkSource
from plugged import OTHERS, OURS, WATCH, Make, PlugInContract, check_options, check_supply, is_count, until

SERIAL = count(1)


class SourceContract(PlugInContract):
    """What every work source promises."""

    ancestor = SourceSection

    @pytest.fixture
    def works(self) -> Sequence[Any]:
        """Different works that the world knows, at least one."""
        raise NotImplementedError

    @pytest.fixture
    def source(self, make: Make) -> Any:
        return make(OURS)

    def test_it_is_a_work_source(self, source: Any, works: Sequence[Any]) -> None:
        assert isinstance(source, WorkSource)
        assert issubclass(source.work, Options)
        assert {type(work) for work in works} == {source.work}

    def test_its_work_is_frozen_hashable_and_knows_all_its_names(self, works: Sequence[Any]) -> None:
        for work in works:
            check_options(work)

    def test_it_names_every_asked_work_and_no_other(self, source: Any, works: Sequence[Any]) -> None:
        assert set(source.demand(works)) == set(works)
        assert set(source.demand(works[:1])) == set(works[:1])

    def test_it_answers_works_that_are_equal_once(self, source: Any, works: Sequence[Any]) -> None:
        twin = works[0].model_copy()
        assert set(source.demand([works[0], twin])) == {twin}

    def test_asked_for_no_work_it_answers_nothing(self, source: Any) -> None:
        assert dict(source.demand([])) == {}

    def test_it_counts_in_whole_numbers_that_are_not_negative(
        self, source: Any, works: Sequence[Any]
    ) -> None:
        for demand in source.demand(works).values():
            assert type(demand) is Demand
            assert is_count(demand.ready)
            assert is_count(demand.ready_cores)
            assert is_count(demand.running)
            assert is_count(demand.running_cores)
            assert is_count(demand.held)
            assert is_count(demand.held_cores)
            assert 0 <= demand.as_of <= time.monotonic()

    def test_its_answers_hold_what_it_gives_and_nothing_else(self, source: Any, works: Sequence[Any]) -> None:
        assert source.gives <= {Need.DEMAND, Need.STATUS}
        for demand in source.demand(works).values():
            assert (demand.status is not None) == (Need.STATUS in source.gives)
            assert Need.DEMAND in source.gives or demand == Demand(status=demand.status, as_of=demand.as_of)


class CredentialContract(PlugInContract):
    """What every credential promises.  It is made ready by `renew`, if it is not when it is made."""

    ancestor = CredentialSection

    @pytest.fixture
    def credential(self, make: Make) -> Any:
        made = make(OURS)
        made.renew()
        return made

    def test_it_is_a_credential_that_knows_its_type(self, make: Make) -> None:
        assert isinstance(make(OURS), Credential)
        assert type(make(OURS).type) is CredentialType

    def test_its_file_is_there_and_for_nobody_else(self, credential: Any) -> None:
        path = credential.proof().path
        assert path.is_absolute()
        assert path.read_bytes()
        assert path.stat().st_mode & 0o007 == 0

    def test_it_says_for_whom_it_speaks_and_until_when(self, credential: Any) -> None:
        proof = credential.proof()
        assert proof.subject.isprintable()
        assert proof.begin < time.time() < proof.end

    def test_to_look_at_it_changes_nothing(self, credential: Any) -> None:
        first = credential.proof()
        with WATCH.effects() as effects:
            assert credential.proof() == first
        assert effects == []

    def test_it_is_not_renewed_before_it_is_time(self, credential: Any) -> None:
        before = credential.proof()
        credential.renew()
        assert credential.proof() == before


class SupplyContract(PlugInContract):
    """What every target promises to who only reads."""

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
    """What every target promises to who acts."""

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
