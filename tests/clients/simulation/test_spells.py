"""A spell comes, lasts and comes again."""

from typing import Any

import pytest

from autopyfactory.clients.simulation.spells import Outage, Spell, longest


@pytest.mark.parametrize(
    ("outage", "age", "left"),
    [
        ({"after": "60s", "lasts": "30s"}, 59.9, 0.0),
        ({"after": "60s", "lasts": "30s"}, 60.0, 30.0),
        ({"after": "60s", "lasts": "30s"}, 90.0, 0.0),
        ({"after": "60s", "lasts": "30s"}, 165.0, 0.0),
        ({"after": "60s", "lasts": "30s", "every": "100s"}, 30.0, 0.0),
        ({"after": "60s", "lasts": "30s", "every": "100s"}, 170.0, 20.0),
        ({"after": "60s", "lasts": "30s", "every": "100s"}, 195.0, 0.0),
        ({"after": 0, "lasts": "30s", "every": "10s"}, 11.0, 29.0),
    ],
)
def test_an_outage_comes_lasts_and_comes_again(outage: dict[str, Any], age: float, left: float) -> None:
    assert Outage.model_validate(outage).left(age) == pytest.approx(left)


def test_its_spans_are_told_in_order_as_far_as_they_begin_in_time() -> None:
    once = Spell.model_validate({"after": "60s", "lasts": "30s"})
    again = Spell.model_validate({"after": "60s", "lasts": "30s", "every": "100s"})
    assert list(once.spans(60)) == []
    assert list(once.spans(1000)) == [(60.0, 90.0)]
    assert list(again.spans(261)) == [(60.0, 90.0), (160.0, 190.0), (260.0, 290.0)]


def test_of_several_spells_the_one_that_lasts_longest_counts() -> None:
    short = Spell.model_validate({"after": 0, "lasts": 50})
    long = Spell.model_validate({"after": 10, "lasts": 100})
    assert longest([short, long], 20) == 90
    assert longest([short], 50 - 1e-9) == 0
    assert longest([], 0) == 0
