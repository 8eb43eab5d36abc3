"""What the guard saw, under other limits."""

from datetime import timedelta

import pytest

from assembling import planned, with_head
from autopyfactory.app.replay.bounds import Bounds, limited, scale
from autopyfactory.limits import Limits
from autopyfactory.view import Account, GuardView

HOUR = 3600.0
ACCOUNT = Account(
    place="ce01", pilots=50, max_pilots=100, per_minute=60, tokens=30, fair=20, waiting=2,
    retire_share=0.2, retire_least=10, retired=3, retire_period=HOUR,
)  # fmt: skip
LIMITS = Limits(max_pilots=100, per_minute=60, retire_share=0.2)


def test_under_the_same_limits_nothing_changes() -> None:
    assert limited(ACCOUNT, LIMITS) is ACCOUNT


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"max_pilots": 10}, {"max_pilots": 10}),
        ({"max_pilots": None}, {"max_pilots": None}),
        ({"per_minute": 6}, {"per_minute": 6, "tokens": 3, "fair": 2}),
        ({"per_minute": None}, {"per_minute": None}),
        ({"retire_share": None}, {"retire_share": None}),
        ({"retire_least": 1}, {"retire_least": 1}),
        ({"retire_period": timedelta(minutes=1)}, {"retire_period": 60.0}),
    ],
)
def test_other_limits_take_the_place_of_the_recorded_ones(
    changed: dict[str, object], found: dict[str, object]
) -> None:
    account = limited(ACCOUNT, LIMITS.model_copy(update=changed))
    assert {name: getattr(account, name) for name in found} == found
    assert (account.pilots, account.retired, account.waiting) == (50, 3, 2)


@pytest.mark.parametrize(
    ("before", "after", "tokens"), [(60, 60, 7), (60, 120, 14), (60, None, 7), (None, 90, 90), (0, 90, 90)]
)
def test_tokens_change_as_the_rate_does(before: int | None, after: int | None, tokens: int) -> None:
    assert scale(7, before, after) == tokens


def test_each_account_has_the_limits_of_its_place_and_downtimes_are_those_of_the_plan() -> None:
    text = """
    [target.pool]
    kind = "local"
    guard = { max_pilots = 7 }
    [queue.A]
    target = "pool"
    guard.downtime = [{ start = "01:00", end = "02:00", name = "nightly" }]
    """
    plan = planned(with_head(text))
    bounds = Bounds.of(plan.queues["A"], plan)
    view = GuardView(accounts=(ACCOUNT, limited(ACCOUNT, plan.settings.guard)))
    awake, asleep = bounds.apply(view, 3 * HOUR), bounds.apply(view, 1.5 * HOUR)
    assert [account.max_pilots for account in awake.accounts] == [7, 7]
    assert awake.closures == ()
    assert [(one.name, one.until) for one in asleep.closures] == [("nightly", 2 * HOUR)]


def test_a_recorded_downtime_is_over_where_the_plan_has_none() -> None:
    text = """
    [target.pool]
    kind = "local"
    [queue.A]
    target = "pool"
    guard.downtime = [{ start = "01:00", end = "02:00" }]
    """
    before, after = planned(with_head(text)), planned(with_head("[queue.A]"))
    closed = Bounds.of(before.queues["A"], before).apply(GuardView(), 1.5 * HOUR)
    assert len(closed.closures) == 1
    assert Bounds.of(after.queues["A"], after).apply(closed, 1.5 * HOUR).closures == ()
