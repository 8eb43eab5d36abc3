"""The cut is a pure function of decision and view: it only reduces, and every cut is a step that says why."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autopyfactory.cut import cut, cuts, remainder
from autopyfactory.model import Decision, Step
from autopyfactory.view import Account, Closure, Fall, GuardView, Scope, Tripped
from unlimited import FREE

SITE = FREE._replace(place="site")
WORKS = Closure(scope=Scope.TARGET, place="site", name="works", until=1_900_000_000.0, retire=True)
OPEN = Tripped(scope=Scope.QUEUE, place="q", failures=10, wait=42.0, trying=False)


def account(**changes):
    return GuardView(accounts=(SITE._replace(**changes),))


@pytest.mark.parametrize(
    ("view", "left", "words"),
    [
        (GuardView(), 50, ""),
        (account(), 50, ""),
        (
            GuardView(fall=Fall(what="pilots", before=100, now=3)),
            0,
            "pilots fell from 100 to 3, a second reading must agree",
        ),
        (
            GuardView(closures=(WORKS,)),
            0,
            "downtime 'works' at site until 2030-03-17T17:46:40Z",
        ),
        (
            GuardView(closures=(replace(WORKS, scope=Scope.FACTORY, place="", name=""),)),
            0,
            "downtime in the whole factory until 2030-03-17T17:46:40Z",
        ),
        (
            GuardView(closures=(replace(WORKS, scope=Scope.QUEUE, place="q"),)),
            0,
            "downtime 'works' of queue q until 2030-03-17T17:46:40Z",
        ),
        (
            GuardView(breakers=(OPEN,)),
            0,
            "the breaker of queue q is open for 42 s more, after 10 failures in a row",
        ),
        (
            GuardView(breakers=(replace(OPEN, wait=0.0),)),
            1,
            "the breaker of queue q tries one pilot, after 10 failures in a row",
        ),
        (
            GuardView(breakers=(replace(OPEN, wait=0.0, trying=True),)),
            0,
            "the breaker of queue q waits for what becomes of one pilot, after 10 failures in a row",
        ),
        (account(max_pilots=120), 20, "120 pilots at site, 100 are there"),
        (account(max_pilots=80), 0, "80 pilots at site, 100 are there"),
        (account(place="", per_minute=60, tokens=7, fair=7), 7, "60 pilots a minute in the whole factory"),
        (
            account(per_minute=60, tokens=7, fair=2, waiting=3),
            2,
            "60 pilots a minute at site, for which 3 other queues wait",
        ),
        (account(retire_share=0.2), 50, ""),
    ],
)
def test_a_submission_is_cut_to_what_the_view_leaves(view, left, words):
    decision = cut(Decision(count=50), view)
    assert decision == Decision(count=left, steps=(Step(f"guard: {words}", left),) if words else ())


@pytest.mark.parametrize(
    ("view", "left", "words"),
    [
        (GuardView(), -50, ""),
        (GuardView(uncertain=7), 0, "nothing is retired while 7 pilots are uncertain"),
        (
            GuardView(fall=Fall(what="pilots at site", before=100, now=3), confirmed=False),
            0,
            "pilots at site fell from 100 to 3, a second reading must agree",
        ),
        (
            GuardView(work=Fall(what="work", before=500, now=0)),
            0,
            "work fell from 500 to 0, a second reading must agree",
        ),
        (GuardView(confirmed=False), 0, "nothing is retired until two readings agree"),
        (GuardView(closures=(WORKS,), breakers=(OPEN,)), -50, ""),
        (
            GuardView(closures=(replace(WORKS, retire=False),)),
            0,
            "downtime 'works' at site until 2030-03-17T17:46:40Z",
        ),
        (account(max_pilots=10, per_minute=1), -50, ""),
        (
            account(retire_share=0.2, pilots=100, retired=10),
            -10,
            "20% of 100 pilots at site may be retired in 1h, 10 were",
        ),
        (account(retire_share=0.2, retire_least=60), -50, ""),
    ],
)
def test_a_retirement_is_cut_to_what_the_view_leaves(view, left, words):
    decision = cut(Decision(count=-50), view)
    assert decision == Decision(count=left, steps=(Step(f"guard: {words}", left),) if words else ())


def test_every_cut_names_what_it_took_and_where():
    view = GuardView(accounts=(SITE._replace(max_pilots=120, per_minute=60, tokens=9, fair=5),))
    assert [(one.kind, one.place, one.before, one.after) for one in cuts(50, view)] == [
        ("max_pilots", "site", 50, 20),
        ("fairness", "site", 20, 5),
    ]


COUNTS = st.integers(0, 100)
FALLS = st.none() | st.builds(Fall, what=st.just("pilots"), before=COUNTS, now=COUNTS)
ACCOUNTS = st.builds(
    Account,
    place=st.sampled_from(["", "site"]),
    pilots=COUNTS,
    max_pilots=st.none() | COUNTS,
    per_minute=st.none() | COUNTS,
    tokens=COUNTS,
    fair=COUNTS,
    waiting=COUNTS,
    retire_share=st.none() | st.floats(0, 1),
    retire_least=COUNTS,
    retired=COUNTS,
    retire_period=st.just(3600.0),
)
VIEWS = st.builds(
    GuardView,
    fall=FALLS,
    work=FALLS,
    confirmed=st.booleans(),
    uncertain=st.sampled_from([0, 0, 3]),
    closures=st.sampled_from([(), (WORKS,)]),
    breakers=st.sampled_from([(), (OPEN,)]),
    accounts=st.lists(ACCOUNTS, max_size=3).map(tuple),
)


@given(count=st.integers(-200, 200), view=VIEWS)
def test_it_only_reduces_and_what_is_left_is_not_cut_again(count, view):
    decision = cut(Decision(count=count), view)
    assert min(0, count) <= decision.count <= max(0, count)
    assert cuts(decision.count, view) == []
    assert len(decision.steps) == len(cuts(count, view))
    assert all(step.rule.startswith("guard: ") for step in decision.steps)


@given(count=st.integers(-200, 200), view=VIEWS)
def test_the_number_alone_is_that_of_the_cut_decision(count, view):
    assert remainder(count, view) == cut(Decision(count=count), view).count
