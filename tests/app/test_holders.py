"""Where several limits hold a number each by itself, they are found by leaving out all the others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autopyfactory.app.assembly.chain import make_chain
from autopyfactory.app.holders import holders
from autopyfactory.app.relief import behind, reliefs, rerun
from autopyfactory.cut import remainder
from autopyfactory.model import Demand, Observation, Report, Supply
from autopyfactory.testing.strategies import SELDOM
from autopyfactory.view import Fall, GuardView
from unlimited import FREE

READY = {"kind": "ready", "offset": 0}


def pending(limit):
    return {"kind": "max_pending", "limit": limit}


def per_cycle(limit, **more):
    return {"kind": "max_per_cycle", "limit": limit, **more}


def rerun_of(ready):
    demand = Demand(ready=ready, as_of=1.0)
    return rerun(Report(queue="q", seen=Observation(demand=demand, supply=Supply(as_of=1.0), now=1.0)), None)


def guarded(place="ce01", **changes):
    """What a guard saw of one place, unlimited but for these."""
    return GuardView(accounts=(FREE._replace(place=place, **changes),))


@pytest.mark.parametrize(
    ("entries", "view", "number", "found"),
    [
        ([READY, pending(5), per_cycle(5)], GuardView(), 5, ["max_pending", "max_per_cycle"]),
        ([READY, pending(5), per_cycle(5, name="night")], GuardView(), 5, ["max_pending", "night"]),
        ([READY, pending(5), per_cycle(7)], GuardView(), 5, ["max_pending"]),
        ([READY, pending(30), per_cycle(30)], GuardView(), 20, []),
        (
            [READY, per_cycle(4)],
            guarded(max_pilots=104),
            4,
            ["max_per_cycle", "target.ce01.guard.max_pilots"],
        ),
        (
            [READY, per_cycle(4)],
            guarded("", per_minute=60, tokens=9, fair=4),
            4,
            ["max_per_cycle", "factory.guard.per_minute"],
        ),
        (
            [READY, per_cycle(0)],
            GuardView(fall=Fall(what="pilots", before=90, now=3)),
            0,
            ["max_per_cycle", "pilots fell from 90 to 3, a second reading must agree"],
        ),
    ],
)
def test_each_that_would_hold_it_alone_is_named(entries, view, number, found):
    assert holders(entries, rerun_of(20), view, number) == found


@given(st.integers(0, 40), st.integers(0, 20), st.integers(0, 20), st.integers(80, 120))
@SELDOM
def test_where_more_was_asked_for_either_one_limit_is_a_relief_or_several_hold_it(
    ready, waiting, cycle, pilots
):
    entries, view = [READY, pending(waiting), per_cycle(cycle)], guarded(max_pilots=pilots)
    count_with = behind(view, rerun_of(ready))
    number = count_with(make_chain(entries, {})[0])
    names = holders(entries, rerun_of(ready), view, number)
    assert number == min(ready, waiting, cycle, max(0, pilots - 100))
    assert bool(names) == (number < ready)
    found = list(reliefs(entries, count_with))
    single = len(names) == 1 and "guard" not in names[0]
    assert [relief.rule for relief in found] == (names if single else [])
    assert remainder(number, view) == number
