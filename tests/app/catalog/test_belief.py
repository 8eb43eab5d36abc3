"""When a new reading of a catalogue is believed."""

import pytest

from autopyfactory.app.catalog.belief import Doubt, Rule

RULE = Rule(fall=0.3, agree=3, apart=300.0)
TEN = frozenset("ABCDEFGHIJ")
THREE = frozenset("ABC")


@pytest.mark.parametrize(
    ("before", "after", "collapses"),
    [
        (TEN, TEN, False),
        (TEN, TEN - {"A", "B", "C"}, False),
        (TEN, TEN - {"A", "B", "C", "D"}, True),
        (TEN, frozenset("abcdefghij"), True),
        (TEN, frozenset(), True),
        (frozenset(), TEN, False),
        (frozenset(), frozenset(), False),
        (frozenset("A"), frozenset(), True),
    ],
)
def test_a_collapse_is_more_than_a_share_that_is_gone(
    before: frozenset[str], after: frozenset[str], collapses: bool
) -> None:
    assert RULE.collapses(before, after) is collapses


def test_what_has_not_collapsed_is_believed_at_once() -> None:
    assert RULE.doubt(TEN, TEN | {"X"}, None, 0.0) is None


def test_a_collapse_is_believed_when_enough_readings_in_a_row_agree() -> None:
    first = RULE.doubt(TEN, THREE, None, 0.0)
    assert first == Doubt(queues=THREE, moment=0.0, count=1)
    second = RULE.doubt(TEN, THREE, first, 600.0)
    assert second == Doubt(queues=THREE, moment=600.0, count=2)
    assert RULE.doubt(TEN, THREE, second, 1200.0) is None


def test_readings_that_come_too_soon_are_one() -> None:
    first = RULE.doubt(TEN, THREE, None, 0.0)
    assert RULE.doubt(TEN, THREE, first, 299.0) == first


def test_a_reading_that_falls_further_begins_anew() -> None:
    second = Doubt(queues=THREE, moment=0.0, count=2)
    assert RULE.doubt(TEN, frozenset(), second, 600.0) == Doubt(queues=frozenset(), moment=600.0, count=1)
