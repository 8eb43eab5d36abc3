"""What holds for every declared policy and for every chain, whatever is seen."""

from dataclasses import replace
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strategies import COUNTS, DECLARED, OFTEN, SELDOM, SIGNED, chains, observations, policies_of

CAPS = {
    "max_per_cycle": lambda policy, count, seen: count <= policy.limit,
    "max_pending": lambda policy, count, seen: count + seen.supply.pending <= policy.limit,
    "max_to_run": lambda policy, count, seen: (
        count + seen.supply.pending + seen.supply.running <= policy.limit
    ),
    "max_per_factory": lambda policy, count, seen: count + seen.factory <= policy.limit,
}
WORK_MEANS_NOTHING = ("throttle", "fixed", "null", "status_", "keep_n_")
WORKING = [kind for kind in DECLARED if not kind.startswith(WORK_MEANS_NOTHING)]


def fold(chain, seen):
    """The number that a chain makes of what is seen."""
    return reduce(lambda count, policy: policy(count, seen), chain, 0)


def with_more(seen, jobs, cores):
    """The same observation with more ready work."""
    demand = seen.demand
    more = replace(demand, ready=demand.ready + jobs, ready_cores=demand.ready_cores + cores)
    return replace(seen, demand=more)


@pytest.mark.parametrize("kind", list(DECLARED))
@SELDOM
@given(data=st.data(), count=SIGNED, seen=observations())
def test_a_policy_makes_an_integer_of_an_integer_and_always_the_same(kind, data, count, seen):
    policy = data.draw(policies_of(kind))
    result = policy(count, seen)
    assert type(result) is int
    assert policy(count, seen) == result


@OFTEN
@given(chain=chains(), seen=observations())
def test_a_chain_makes_an_integer_and_always_the_same(chain, seen):
    result = fold(chain, seen)
    assert type(result) is int
    assert fold(chain, seen) == result


def test_the_caps_are_known():
    assert {kind for kind, point in DECLARED.items() if point.load().cap} == set(CAPS)


@pytest.mark.parametrize("kind", list(CAPS))
@OFTEN
@given(data=st.data(), count=SIGNED, seen=observations())
def test_what_a_cap_lets_through_never_exceeds_its_limit(kind, data, count, seen):
    policy = data.draw(policies_of(kind))
    result = policy(count, seen)
    unlimited = getattr(policy, "unlimited_when_idle", False) and seen.supply.pending == 0
    assert result <= 0 or unlimited or CAPS[kind](policy, result, seen)


@pytest.mark.parametrize("kind", [*CAPS, "share"])
@OFTEN
@given(data=st.data(), count=SIGNED, seen=observations())
def test_a_cap_or_a_share_only_takes_away_and_retires_only_when_told(kind, data, count, seen):
    policy = data.draw(policies_of(kind))
    result = policy(count, seen)
    assert result <= count
    assert result >= min(0, count) or policy.may_retire


@pytest.mark.parametrize("kind", WORKING)
@SELDOM
@given(data=st.data(), count=SIGNED, seen=observations(), more=COUNTS, cores=COUNTS)
def test_more_ready_work_or_a_larger_count_never_gives_fewer_pilots(kind, data, count, seen, more, cores):
    policy = data.draw(policies_of(kind))
    least = policy(count, seen)
    assert policy(count, with_more(seen, more, cores)) >= least
    assert policy(count + more, seen) >= least


@OFTEN
@given(chain=chains(kinds=WORKING), seen=observations(), more=COUNTS, cores=COUNTS)
def test_more_ready_work_never_gives_fewer_pilots_behind_a_chain(chain, seen, more, cores):
    assert fold(chain, with_more(seen, more, cores)) >= fold(chain, seen)
