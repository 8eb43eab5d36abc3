"""Share: this queue's part of work that siblings serve too."""

import pytest

from autopyfactory.model import Sibling
from autopyfactory.policies.share import Share
from autopyfactory.testing import PolicyContract
from observed import observed


class TestShare(PolicyContract):
    plugin = Share


@pytest.mark.parametrize(
    ("count", "weight", "others", "result"),
    [
        pytest.param(7, 1.0, [], 7, id="no siblings: all"),
        pytest.param(7, 0.0, [], 7, id="no siblings, whatever the weight"),
        pytest.param(9, 1.0, [(1.0, 0), (1.0, 0)], 3, id="equal by default"),
        pytest.param(10, 1.0, [(1.0, 0), (1.0, 0)], 4, id="rounded up"),
        pytest.param(1, 1.0, [(1.0, 0)] * 5, 1, id="one is never divided to none"),
        pytest.param(10, 1.0, [(1.0, 6)], 2, id="pending pilots of siblings are on their way"),
        pytest.param(10, 1.0, [(1.0, 6), (1.0, 6)], 0, id="siblings wait for everything"),
        pytest.param(9, 2.0, [(1.0, 0)], 6, id="twice the weight"),
        pytest.param(9, 1.0, [(2.0, 0)], 3, id="the lighter one"),
        pytest.param(9, 0.0, [(1.0, 0)], 0, id="a weight of 0 takes nothing"),
        pytest.param(9, 0.0, [(0.0, 0)], 0, id="nobody has a weight"),
        pytest.param(9, 1.0, [(0.0, 0)], 9, id="siblings without a weight leave all"),
        pytest.param(0, 1.0, [(1.0, 3)], 0, id="no count stays none"),
        pytest.param(-4, 1.0, [(1.0, 3)], -4, id="a retirement is this queue's own"),
        pytest.param(10**400, 1.0, [(3.0, 0)], 10**400 // 4, id="more than a floating point number holds"),
        pytest.param(3, 0.1, [(0.0, 0)], 3, id="rounding never takes more than there is"),
    ],
)
def test_it_takes_a_part_by_weight_of_what_no_sibling_waits_for(count, weight, others, result):
    siblings = [Sibling(queue="b", weight=each, pending=pending, running=50) for each, pending in others]
    assert Share()(count, observed(siblings=siblings, weight=weight)) == result


def test_the_parts_of_all_siblings_hold_all_the_work_once():
    weights = {"a": 1.0, "b": 2.0, "c": 3.0}
    parts = []
    for queue, weight in weights.items():
        siblings = [Sibling(queue=name, weight=weights[name]) for name in weights if name != queue]
        parts.append(Share()(60, observed(siblings=siblings, weight=weight)))
    assert parts == [10, 20, 30]
