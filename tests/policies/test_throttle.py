"""Throttle: only a few pilots while too many of those begun lately were short."""

from datetime import timedelta

import pytest

from autopyfactory.model import Ended
from autopyfactory.policies.throttle import Throttle
from autopyfactory.testing import PolicyContract
from observed import CLOCK, observed


class TestThrottle(PolicyContract):
    plugin = Throttle


def ended(*, run_time, ago=60.0):
    """A pilot that ran so long and began so many seconds before the target's clock."""
    return Ended(end=CLOCK - ago + run_time, run_time=run_time)


SHORT = ended(run_time=2.0)
LONG = ended(run_time=30.0)


@pytest.mark.parametrize(
    ("options", "pilots", "result"),
    [
        pytest.param({}, [SHORT] * 6 + [LONG] * 4, 1, id="more than half short"),
        pytest.param({}, [SHORT] * 5 + [LONG] * 5, 50, id="exactly half is not too many"),
        pytest.param({}, [LONG] * 10, 50, id="all long"),
        pytest.param({}, [], 50, id="none ended"),
        pytest.param({"submit": 0}, [SHORT], 0, id="stop altogether"),
        pytest.param({"submit": 80}, [SHORT], 80, id="more than was asked"),
        pytest.param({"ratio": 0.0}, [SHORT] + [LONG] * 9, 1, id="a single one is too many"),
        pytest.param({"ratio": 0.29}, [SHORT] * 29 + [LONG] * 71, 50, id="exactly the ratio is not too many"),
        pytest.param({"ratio": 1.0}, [SHORT] * 9, 50, id="never too many"),
        pytest.param({}, [ended(run_time=9.5)], 1, id="just short"),
        pytest.param({}, [ended(run_time=10.0)], 50, id="just long"),
        pytest.param({"max_time": timedelta(minutes=1)}, [LONG], 1, id="another idea of short"),
        pytest.param({}, [ended(run_time=2.0, ago=3600)], 50, id="begun an interval ago"),
        pytest.param({}, [ended(run_time=2.0, ago=3599)], 1, id="begun just within the interval"),
        pytest.param({"interval": timedelta(seconds=30)}, [SHORT], 50, id="begun before a shorter interval"),
        pytest.param(
            {}, [ended(run_time=4000.0, ago=4100)] * 9 + [SHORT], 1, id="ended lately, begun long ago"
        ),
    ],
)
def test_too_many_short_pilots_leave_only_the_stated_number(options, pilots, result):
    assert Throttle(**options)(50, observed(ended=pilots)) == result


def test_it_goes_on_trying_where_nothing_was_asked():
    assert Throttle()(0, observed(ended=[SHORT])) == 1


@pytest.mark.parametrize(("count", "result"), [(50, 1), (1, 1), (0, 0), (-3, -3)])
def test_what_nobody_knows_is_no_reason_to_go_on_at_full_speed(count, result):
    assert Throttle()(count, observed(ended=None)) == result
