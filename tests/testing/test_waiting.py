"""A wait ends when its question is answered, and not much later than its deadline."""

from autopyfactory.testing import until


def test_a_wait_ends_with_its_deadline() -> None:
    assert until(lambda: True, 0.0)
    assert not until(lambda: False, 0.05)
