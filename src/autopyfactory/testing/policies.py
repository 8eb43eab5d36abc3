"""What every policy must keep."""

from collections.abc import Collection
from dataclasses import replace
from importlib.metadata import entry_points
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from autopyfactory.decide import decide
from autopyfactory.model import Demand, Need, Observation
from autopyfactory.ports import Policy
from autopyfactory.testing.strategies import (
    COUNTS,
    SELDOM,
    SIGNED,
    adapter,
    chains,
    observations,
    policies_of,
)
from autopyfactory.testing.watch import WATCH


def kinds_of(policy: type[Policy]) -> list[str]:
    """The names under which installed packages declare a policy."""
    declared = entry_points(group="autopyfactory.policies")
    return [point.name for point in declared if point.value == f"{policy.__module__}:{policy.__qualname__}"]


def with_more(seen: Observation, jobs: int, cores: int) -> Observation:
    """The same observation with more ready work."""
    ready, ready_cores = seen.demand.ready + jobs, seen.demand.ready_cores + cores
    return replace(seen, demand=replace(seen.demand, ready=ready, ready_cores=ready_cores))


def without(seen: Observation, needs: Collection[Need]) -> Observation:
    """The same observation of a source and a target that cannot give `needs`."""
    demand, supply = seen.demand, seen.supply
    if Need.DEMAND in needs:
        demand = Demand(status=demand.status, as_of=demand.as_of)
    if Need.STATUS in needs:
        demand = replace(demand, status=None)
    if Need.ENDED in needs:
        supply = replace(supply, ended=None)
    if Need.LIFETIME in needs:
        supply = replace(supply, lifetime=None)
    return replace(seen, demand=demand, supply=supply)


class PolicyContract:
    """What every policy promises.  A subclass names it: `plugin = Night`."""

    plugin: ClassVar[type[Policy]]
    monotone: ClassVar[bool] = True
    """Whether more ready work or a larger count never gives fewer pilots; few rules have a reason not to."""

    def policies(self) -> st.SearchStrategy[Any]:
        """The plug-in with any options; override it where `policies_of` does not know their types."""
        return policies_of(self.plugin)

    # ---- what operators read and write

    def test_it_is_declared(self) -> None:
        assert kinds_of(self.plugin), 'no installed package has it under "autopyfactory.policies"'

    @SELDOM
    @given(data=st.data())
    def test_a_trail_shows_it_by_its_kind(self, data: Any) -> None:
        shown = repr(data.draw(self.policies()))
        assert shown.partition("(")[0] in kinds_of(self.plugin)

    def test_the_class_says_in_one_sentence_what_it_does(self) -> None:
        rule, _, rest = (self.plugin.__doc__ or "").partition("\n")
        assert rule.endswith(".")
        assert not rest or rest.startswith("\n")

    def test_every_option_says_what_it_is_for(self) -> None:
        options = adapter(self.plugin).json_schema()["properties"]
        silent = [name for name, option in options.items() if not option.get("description", "").endswith(".")]
        assert silent == [], "give them Field(description='... .')"

    def test_a_misspelt_option_is_an_error(self) -> None:
        with pytest.raises(ValidationError, match="no_such_option"):
            adapter(self.plugin).validate_python({"no_such_option": 1})

    # ---- what the core relies on

    def test_it_says_what_it_needs_and_whether_it_is_a_cap(self) -> None:
        assert self.plugin.needs <= frozenset(Need)
        assert type(self.plugin.cap) is bool

    @SELDOM
    @given(data=st.data())
    def test_it_is_a_frozen_fact(self, data: Any) -> None:
        policy = data.draw(self.policies())
        again = replace(policy)
        assert again == policy
        assert hash(again) == hash(policy)
        assert type(policy).__dataclass_params__.frozen
        assert not hasattr(policy, "__dict__"), "slots=True is missing"

    @SELDOM
    @given(data=st.data(), count=SIGNED, seen=observations())
    def test_it_makes_an_integer_of_an_integer_and_always_the_same(
        self, data: Any, count: int, seen: Observation
    ) -> None:
        policy = data.draw(self.policies())
        result = policy(count, seen)
        assert type(result) is int
        assert policy(count, seen) == result

    @SELDOM
    @given(data=st.data(), count=SIGNED, seen=observations())
    def test_it_touches_nothing(self, data: Any, count: int, seen: Observation) -> None:
        policy = data.draw(self.policies())
        with WATCH.effects() as effects:
            policy(count, seen)
        assert effects == []

    @SELDOM
    @given(data=st.data(), count=SIGNED, seen=observations())
    def test_what_it_does_not_need_it_does_not_look_at(
        self, data: Any, count: int, seen: Observation
    ) -> None:
        policy = data.draw(self.policies())
        assert policy(count, without(seen, set(Need) - policy.needs)) == policy(count, seen)

    # ---- what keeps sites from harm

    @SELDOM
    @given(data=st.data(), count=SIGNED, seen=observations())
    def test_a_cap_only_takes_away(self, data: Any, count: int, seen: Observation) -> None:
        policy = data.draw(self.policies())
        assert not policy.cap or policy(count, seen) <= count

    @SELDOM
    @given(data=st.data(), count=SIGNED, seen=observations(), more=COUNTS, cores=COUNTS)
    def test_more_ready_work_or_a_larger_count_never_gives_fewer_pilots(
        self, data: Any, count: int, seen: Observation, more: int, cores: int
    ) -> None:
        policy = data.draw(self.policies())
        least = policy(count, seen)
        assert not self.monotone or policy(count, with_more(seen, more, cores)) >= least
        assert not self.monotone or policy(count + more, seen) >= least

    @SELDOM
    @given(data=st.data(), seen=observations())
    def test_it_stands_in_any_chain_with_ours(self, data: Any, seen: Observation) -> None:
        chain = [*data.draw(chains()), data.draw(self.policies()), *data.draw(chains())]
        assert decide(chain, seen) == decide(chain, seen)
