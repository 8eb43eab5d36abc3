"""Null: always 0."""

import pytest

from autopyfactory.policies.null import Null
from autopyfactory.testing import PolicyContract
from observed import observed


class TestNull(PolicyContract):
    plugin = Null


@pytest.mark.parametrize("count", [-5, 0, 5])
def test_it_starts_and_retires_nothing(count):
    assert Null()(count, observed(ready=100, pending=1)) == 0
