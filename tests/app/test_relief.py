"""The limits that would let more pilots through are found by running the chain again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import strangers
from autopyfactory.app.assembly.chain import make_chain
from autopyfactory.app.relief import Relief, behind, reliefs, rerun
from autopyfactory.errors import ConfigError, Unavailable
from autopyfactory.model import Demand, Observation, Report, Supply
from autopyfactory.testing.strategies import SELDOM
from autopyfactory.view import GuardView, Scope, Tripped

READY = {"kind": "ready", "offset": 0}
PENDING = {"kind": "max_pending", "limit": 10}
CYCLE = {"kind": "max_per_cycle", "limit": 4}
NIGHT = {"kind": "max_per_cycle", "limit": 6, "name": "night"}

HALF = {"kind": "scale", "factor": 0.5}
PENDING_IS, CYCLE_IS = "max_pending.limit from", "max_per_cycle.limit from"


def report(ready=20, pending=2, running=0, error=None, as_of=1.0):
    """A cycle that saw so much."""
    demand = Demand(ready=ready, as_of=as_of)
    seen = Observation(demand=demand, supply=Supply(pending=pending, running=running, as_of=1.0), now=1.0)
    return Report(queue="q", seen=seen, error=error)


def found(entries, seen, when_unknown=None):
    return [str(relief) for relief in reliefs(entries, rerun(seen, when_unknown))]


@pytest.mark.parametrize(
    ("entries", "seen", "sentences"),
    [
        ([READY], report(), []),
        (
            [READY, PENDING],
            report(pending=0),
            [f"{PENDING_IS} 10 to 11: it would be 11; to 20 or more: 20"],
        ),
        (
            [READY, PENDING, CYCLE],
            report(),
            [f"{CYCLE_IS} 4 to 5: it would be 5; to 8 or more: 8"],
        ),
        ([READY, {**PENDING, "limit": 6}, CYCLE], report(), []),
        ([READY, NIGHT], report(ready=7, pending=0), ["night.limit from 6 to 7: it would be 7"]),
        ([READY, CYCLE], report(ready=3, pending=3), []),
        ([READY, HALF, CYCLE], report(ready=5, pending=0), ["scale.factor from 0.5 to 0.61: it would be 4"]),
        ([READY, HALF], report(), []),
        ([{"kind": "fixed", "count": 3}], report(), []),
        (
            [{"kind": "max_to_run", "limit": 3, "may_retire": True}],
            report(running=5, pending=0),
            ["max_to_run.limit from 3 to 4: it would be -1; to 5 or more: 0"],
        ),
    ],
)
def test_each_is_told_with_what_it_would_bring(entries, seen, sentences):
    assert found(entries, seen) == sentences


def test_an_unknown_demand_is_unknown_again():
    seen = report(ready=0, error=Unavailable("no answer"), as_of=0.0)
    assert found([READY, CYCLE], seen, when_unknown=6) == [
        "max_per_cycle.limit from 4 to 5: it would be 5; to 6 or more: 6"
    ]
    assert found([READY, CYCLE], seen) == []


def test_what_the_guard_takes_away_all_the_same_is_no_relief():
    trying = Tripped(scope=Scope.QUEUE, place="q", failures=10, wait=0.0, trying=False)
    count_with = behind(GuardView(breakers=(trying,)), rerun(report(), None))
    assert list(reliefs([READY, CYCLE], count_with)) == []
    nothing = [READY, {**CYCLE, "limit": 0}]
    assert [str(relief) for relief in reliefs(nothing, count_with)] == [f"{CYCLE_IS} 0 to 1: it would be 1"]


def test_where_a_policy_fails_its_limit_is_untried_and_the_others_are_told(monkeypatch):
    strangers.declare(monkeypatch)
    brittle, count_with = {"kind": "brittle", "limit": 7}, rerun(report(ready=12), None)
    untried = """brittle.limit cannot be tried: a policy fails: OverflowError("a stranger's mistake")"""
    assert list(map(str, reliefs([READY, CYCLE, brittle], count_with))) == [
        f"{CYCLE_IS} 4 to 5: it would be 5; to 7 or more: 7",
        untried,
    ]
    with pytest.raises(ConfigError, match=r"^a policy fails: ZeroDivisionError"):
        list(reliefs([READY, {"kind": "failing"}], count_with))


@given(st.integers(0, 50), st.integers(0, 20), st.integers(0, 20), st.integers(0, 20))
@SELDOM
def test_what_is_promised_holds_and_one_less_changes_nothing(ready, pending, waiting, cycle):
    chain = [READY, {**PENDING, "limit": waiting}, {**CYCLE, "limit": cycle}]
    count = rerun(report(ready=ready, pending=pending), None)
    for relief in reliefs(chain, count):
        assert isinstance(relief, Relief)
        place = 1 if relief.rule == "max_pending" else 2
        base = min(max(0, ready - pending), max(0, waiting - pending), cycle)
        assert relief.count > base
        assert relief.most >= relief.count
        for value, result in (
            (relief.least, relief.count),
            (relief.full, relief.most),
            (relief.least - 1, base),
        ):
            entries = [*chain[:place], {**chain[place], "limit": int(value)}, *chain[place + 1 :]]
            policies, _ = make_chain(entries, {})
            assert count(policies) == result
