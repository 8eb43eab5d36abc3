"""What every work source must keep."""

import time
from collections.abc import Sequence
from typing import Any

import pytest

from autopyfactory.model import Demand, Need
from autopyfactory.options import Options, SourceSection
from autopyfactory.ports import WorkSource
from autopyfactory.testing.checks import check_options, is_count
from autopyfactory.testing.plugins import OURS, Make, PlugInContract


class SourceContract(PlugInContract):
    """What every work source promises.  A subclass names its `plugin` and gives `works`."""

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
