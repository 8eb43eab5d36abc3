"""The limits of the guard that would leave more of a number are found by cutting it again."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autopyfactory.app.guard_relief import RETIRING, STARTING, emptied, guard_reliefs, section
from autopyfactory.app.replay.bounds import scale
from autopyfactory.cut import remainder
from autopyfactory.testing.strategies import SELDOM
from autopyfactory.view import Fall, GuardView
from unlimited import FREE

HERE, EVERYWHERE = "target.ce01.guard", "factory.guard"


def seen(*changes):
    """What the guard saw of the target, and of the factory."""
    places = ("ce01", "")
    found = [FREE._replace(place=place, **one) for place, one in zip(places, changes, strict=False)]
    return GuardView(accounts=tuple(found))


@pytest.mark.parametrize(
    ("count", "view", "sentences"),
    [
        (50, GuardView(), []),
        (0, seen({"max_pilots": 0}), []),
        (50, seen({"max_pilots": 150}), []),
        (
            50,
            seen({"max_pilots": 120}),
            [f"{HERE}.max_pilots from 120 to 121: it would be 21; to 150 or more: 50"],
        ),
        (
            50,
            seen({"max_pilots": 80}),
            [f"{HERE}.max_pilots from 80 to 101: it would be 1; to 150 or more: 50"],
        ),
        (
            50,
            seen({"max_pilots": 120}, {"max_pilots": 130}),
            [f"{HERE}.max_pilots from 120 to 121: it would be 21; to 130 or more: 30"],
        ),
        (50, seen({"max_pilots": 120}, {"max_pilots": 120}), []),
        (
            50,
            seen({"per_minute": 60, "tokens": 7, "fair": 7}),
            [f"{HERE}.per_minute from 60 to 69: it would be 8; to 429 or more: 50"],
        ),
        (
            50,
            seen({}, {"per_minute": 60, "tokens": 60, "fair": 30, "waiting": 2}),
            [f"{EVERYWHERE}.per_minute from 60 to 62: it would be 31; to 100 or more: 50"],
        ),
        (50, seen({"per_minute": 60}), []),
        (50, replace(seen({"max_pilots": 120}), fall=Fall(what="pilots", before=100, now=3)), []),
        (
            -50,
            seen({"max_pilots": 10, "retire_share": 0.2, "retired": 10}),
            [
                f"{HERE}.retire_share from 0.2 to 0.21: it would be -11; to 0.6 or more: -50",
                f"{HERE}.retire_least from 0 to 21: it would be -11; to 60 or more: -50",
            ],
        ),
        (
            -50,
            seen({"retire_share": 0.2, "pilots": 40, "retire_least": 10}),
            [
                f"{HERE}.retire_share from 0.2 to 0.28: it would be -11; to 1 or more: -40",
                f"{HERE}.retire_least from 10 to 11: it would be -11; to 50 or more: -50",
            ],
        ),
        (-50, replace(seen({"retire_share": 0.2}), uncertain=3), []),
    ],
)
def test_each_is_told_with_what_it_would_leave(count, view, sentences):
    assert [str(relief) for relief in guard_reliefs(count, view)] == sentences


@pytest.mark.parametrize(
    ("count", "view", "rates"),
    [
        (50, seen({"per_minute": 60}, {"per_minute": 600, "tokens": 9, "fair": 9}), [f"{HERE}.per_minute"]),
        (50, seen({}, {"per_minute": 60, "tokens": 5, "fair": 0}), [f"{EVERYWHERE}.per_minute"]),
        (50, seen({"per_minute": 0}), []),
        (50, seen({"per_minute": 60, "tokens": 7, "fair": 7}), []),
        (50, seen({"max_pilots": 0, "per_minute": 60}), []),
        (-50, seen({"per_minute": 60}), []),
    ],
)
def test_of_an_empty_bucket_nobody_can_tell_what_a_higher_rate_would_have_left(count, view, rates):
    assert emptied(count, view) == rates


COUNTS = st.integers(0, 60)
ACCOUNTS = st.builds(
    FREE._replace,
    place=st.sampled_from(["", "ce01"]),
    pilots=COUNTS,
    max_pilots=st.none() | COUNTS,
    per_minute=st.none() | COUNTS,
    tokens=COUNTS,
    retire_share=st.none() | st.sampled_from([0.0, 0.07, 0.25, 1.0]),
    retire_least=COUNTS,
    retired=COUNTS,
).map(lambda account: account._replace(fair=account.tokens // 2 if account.place else account.tokens))
VIEWS = st.lists(ACCOUNTS, max_size=2, unique_by=lambda account: account.place).map(
    lambda accounts: GuardView(accounts=tuple(accounts))
)


def loosen(view, rule, option, value):
    """The view with one limit changed, by hand."""
    accounts = []
    for account in view.accounts:
        if section(account) == rule:
            tokens = {
                name: scale(getattr(account, name), account.per_minute, int(value))
                for name in ("tokens", "fair")
            }
            rated = tokens if option == "per_minute" else {}
            whole = value if option == "retire_share" else int(value)
            account = account._replace(**{option: whole}, **rated)
        accounts.append(account)
    return replace(view, accounts=tuple(accounts))


@given(st.integers(-60, 60), VIEWS)
@SELDOM
def test_what_is_promised_holds_one_step_less_changes_nothing_and_none_is_forgotten(count, view):
    before = remainder(count, view)
    found = {(relief.rule, relief.option): relief for relief in guard_reliefs(count, view)}
    for relief in found.values():
        step = 0.01 if relief.option == "retire_share" else 1
        for value, result in (
            (relief.least, relief.count),
            (relief.full, relief.most),
            (max(relief.value, relief.least - step), before),
        ):
            assert remainder(count, loosen(view, relief.rule, relief.option, value)) == result
        assert abs(before) < abs(relief.count) <= abs(relief.most) <= abs(count)
    for account in view.accounts:
        for option in STARTING if count > 0 else RETIRING:
            if getattr(account, option) is not None and (section(account), option) not in found:
                top = 1 if option == "retire_share" else 10**9
                assert remainder(count, loosen(view, section(account), option, top)) == before
