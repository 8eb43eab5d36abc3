"""A chain is a fold; its trail holds every step."""

import pytest

from autopyfactory.decide import conclude, decide, decide_unknown, rehearse
from autopyfactory.errors import Unavailable
from autopyfactory.model import Decision, Demand, Observation, Step, Supply
from autopyfactory.policies.max_pending import MaxPending
from autopyfactory.policies.max_per_cycle import MaxPerCycle
from autopyfactory.policies.min_per_cycle import MinPerCycle
from autopyfactory.policies.ready import Ready

SEEN = Observation(demand=Demand(ready=100), supply=Supply(pending=4))


def test_each_policy_gets_what_the_one_before_it_said():
    chain = (Ready(), MaxPerCycle(limit=50), MaxPending(limit=10))
    decision = decide(chain, SEEN)
    assert decision == Decision(count=6, steps=(Step(chain[0], 96), Step(chain[1], 50), Step(chain[2], 6)))


def test_an_empty_chain_does_nothing():
    assert decide((), SEEN) == Decision(count=0)


@pytest.mark.parametrize(
    ("submit", "chain", "count"),
    [
        (3, (), 3),
        (3, (Ready(), MinPerCycle(limit=50)), 3),
        (30, (MaxPending(limit=10),), 6),
        (3, (MaxPending(limit=1, may_retire=True),), 0),
        (0, (), 0),
    ],
)
def test_an_unknown_demand_gives_the_stated_step_behind_the_caps(submit, chain, count):
    decision = decide_unknown(chain, SEEN, Unavailable("wms down"), submit)
    assert decision.count == count
    assert decision.steps[0] == Step("demand unknown (wms down): when_unknown", submit)


def test_a_further_step_changes_nothing_that_was():
    first = Decision(count=5)
    assert first.then("because", 3) == Decision(count=3, steps=(Step("because", 3),))
    assert first == Decision(count=5)


class Odd(Ready):
    """A policy of a stranger."""

    cap = True

    def __call__(self, count, seen, /):
        return ODD[0]


ODD: list[object] = [0]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (4.5, "answered 4.5, which is no whole number"),
        (None, "no whole number"),
        (True, "no whole number"),
        (3, "cap"),
    ],
)
def test_a_policy_that_answers_what_it_may_not_is_named(answer, words):
    ODD[0] = answer
    with pytest.raises((TypeError, ValueError), match=words) as caught:
        decide((Odd(),), SEEN)
    assert "policy odd()" in str(caught.value)


class Broken:
    """A policy of a stranger that fails."""

    needs, cap = frozenset(), False

    def __call__(self, count, seen, /):
        raise RuntimeError("no such pilot")


def test_a_shadow_chain_comes_to_what_the_real_one_would():
    chain = (Ready(), MaxPerCycle(limit=50))
    assert rehearse(chain, SEEN, None, None) == conclude(chain, SEEN, None, None) == decide(chain, SEEN)
    why = Unavailable("no answer")
    assert (
        rehearse(chain, SEEN, why, 3) == conclude(chain, SEEN, why, 3) == decide_unknown(chain, SEEN, why, 3)
    )


def test_without_a_shadow_chain_there_is_no_decision_of_it():
    assert rehearse((), SEEN, None, None) is None


def test_a_shadow_chain_that_fails_says_so_in_a_step():
    decision = rehearse((Ready(), Broken()), SEEN, None, None)
    assert decision == Decision(
        count=0, steps=(Step("the shadow chain failed: RuntimeError('no such pilot')", 0),)
    )
