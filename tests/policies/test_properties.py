"""What holds for all that our caps have in common, and for every chain, whatever is seen."""

from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autopyfactory.testing import chains, observations, policies_of, shipped
from autopyfactory.testing.policies import with_more
from autopyfactory.testing.strategies import COUNTS, OFTEN, SIGNED

CAPS = {
    "max_per_cycle": lambda policy, count, seen: count <= policy.limit,
    "max_pending": lambda policy, count, seen: count + seen.supply.pending <= policy.limit,
    "max_to_run": lambda policy, count, seen: (
        count + seen.supply.pending + seen.supply.running <= policy.limit
    ),
    "max_per_factory": lambda policy, count, seen: count + seen.factory <= policy.limit,
}
WORK_MEANS_NOTHING = ("throttle", "fixed", "null", "status_", "keep_n_")
WORKING = [policy for kind, policy in shipped().items() if not kind.startswith(WORK_MEANS_NOTHING)]


def fold(chain, seen):
    """The number that a chain makes of what is seen."""
    return reduce(lambda count, policy: policy(count, seen), chain, 0)


@OFTEN
@given(chain=chains(), seen=observations())
def test_a_chain_makes_an_integer_and_always_the_same(chain, seen):
    result = fold(chain, seen)
    assert type(result) is int
    assert fold(chain, seen) == result


def test_the_caps_are_known():
    assert {kind for kind, policy in shipped().items() if policy.cap} == set(CAPS)


@pytest.mark.parametrize("kind", list(CAPS))
@OFTEN
@given(data=st.data(), count=SIGNED, seen=observations())
def test_what_a_cap_lets_through_never_exceeds_its_limit(kind, data, count, seen):
    policy = data.draw(policies_of(shipped()[kind]))
    result = policy(count, seen)
    unlimited = getattr(policy, "unlimited_when_idle", False) and seen.supply.pending == 0
    assert result <= 0 or unlimited or CAPS[kind](policy, result, seen)


@pytest.mark.parametrize("kind", [*CAPS, "share"])
@OFTEN
@given(data=st.data(), count=SIGNED, seen=observations())
def test_a_cap_or_a_share_only_takes_away_and_retires_only_when_told(kind, data, count, seen):
    policy = data.draw(policies_of(shipped()[kind]))
    result = policy(count, seen)
    assert result <= count
    assert result >= min(0, count) or policy.may_retire


@OFTEN
@given(chain=chains(WORKING), seen=observations(), more=COUNTS, cores=COUNTS)
def test_more_ready_work_never_gives_fewer_pilots_behind_a_chain(chain, seen, more, cores):
    assert fold(chain, with_more(seen, more, cores)) >= fold(chain, seen)
