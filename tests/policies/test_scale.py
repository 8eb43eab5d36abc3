"""Scale: count x factor, rounded up."""

import pytest

from autopyfactory.policies.scale import Scale
from autopyfactory.testing import PolicyContract
from observed import observed


class TestScale(PolicyContract):
    plugin = Scale


@pytest.mark.parametrize(
    ("count", "factor", "result"),
    [
        pytest.param(1229, 0.5, 615, id="half of an odd number"),
        pytest.param(1, 0.0277777777778, 1, id="one never becomes none"),
        pytest.param(36, 0.0277777777778, 2, id="a factor of many digits"),
        pytest.param(8, 0.25, 2, id="a whole result stays"),
        pytest.param(10, 1.5, 15, id="a factor above one"),
        pytest.param(0, 7.0, 0, id="nothing stays nothing"),
        pytest.param(1000000, 0.0, 0, id="a factor of 0 stops all"),
        pytest.param(-3, 0.5, -1, id="what is negative goes towards 0"),
        pytest.param(-1, 0.5, 0, id="half a pilot too many is none"),
        pytest.param(3, 2, 6, id="a whole factor"),
        pytest.param(10**400, 0.5, 10**400 // 2, id="more than a floating point number holds"),
        pytest.param(-(10**400), 0.5, -(10**400) // 2, id="as much less"),
    ],
)
def test_it_multiplies_and_rounds_up(count, factor, result):
    scaled = Scale(factor=factor)(count, observed())
    assert (scaled, type(scaled)) == (result, int)


@pytest.mark.parametrize("count", [-4, 0, 9])
def test_it_changes_nothing_unless_told(count):
    assert Scale()(count, observed()) == count
