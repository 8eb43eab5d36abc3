"""Fixed: the same number every cycle."""

import pytest

from autopyfactory.policies.fixed import Fixed
from autopyfactory.testing import PolicyContract
from observed import observed


class TestFixed(PolicyContract):
    plugin = Fixed


@pytest.mark.parametrize(
    ("before", "count"),
    [
        pytest.param(0, 5, id="from nothing"),
        pytest.param(80, 5, id="from more"),
        pytest.param(-3, 5, id="from a retirement"),
        pytest.param(80, 0, id="none at all"),
    ],
)
def test_it_is_the_same_whatever_came_before(before, count):
    assert Fixed(count=count)(before, observed(ready=9, pending=9)) == count
