"""MaxPerFactory: the smaller of count and what the whole factory may still have."""

import pytest

from autopyfactory.policies.max_per_factory import MaxPerFactory
from autopyfactory.testing import PolicyContract
from observed import observed


class TestMaxPerFactory(PolicyContract):
    plugin = MaxPerFactory


@pytest.mark.parametrize(
    ("count", "total", "result"),
    [
        pytest.param(5, 90, 5, id="room for all"),
        pytest.param(10, 95, 5, id="room for some"),
        pytest.param(10, 100, 0, id="just full"),
        pytest.param(10, 101, 0, id="too many already"),
        pytest.param(10, 5000, 0, id="far too many already"),
        pytest.param(0, 101, 0, id="nothing asked"),
        pytest.param(-4, 10, -4, id="a retirement passes"),
        pytest.param(-4, 101, -4, id="a retirement passes in a full factory"),
    ],
)
def test_no_more_than_the_limit_in_the_whole_factory(count, total, result):
    assert MaxPerFactory(limit=100)(count, observed(factory=total, pending=7, running=7)) == result
