"""Outages are read from who had no answer, and until when."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autopyfactory.app.replay.outages import Sight, outages


def sights(words: str) -> list[Sight]:
    """One sight a second: 'A' had an answer, 'a' had none."""
    return [Sight(float(wall), word.upper(), word.isupper()) for wall, word in enumerate(words)]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("", []),
        ("AAA", []),
        ("AaaA", [(1, 3)]),
        ("AaaAaA", [(1, 3), (4, 5)]),
        ("aaA", [(0, 2)]),
        ("Aaa", [(1, 2)]),
        ("Aa", []),
        ("ABabABab", [(2, 4), (6, 7)]),
        ("ABaBaB", []),  # A alone is not known there
        ("ABaaB", []),
        ("ABbaaB", [(2, 5)]),
    ],
)
def test_from_the_first_failure_to_the_next_answer(words: str, found: list[tuple[float, float]]) -> None:
    assert list(outages(sights(words))) == found


@given(st.text(alphabet="ABCabc", max_size=40))
def test_no_answer_falls_into_an_outage_and_outages_do_not_overlap(words: str) -> None:
    seen = sights(words)
    found = list(outages(reversed(seen)))
    assert found == sorted(found)
    assert all(begin < end for begin, end in found)
    assert all(end <= begin for (_, end), (begin, _) in pairwise(found))
    for begin, end in found:
        assert not any(sight.answered for sight in seen if begin <= sight.wall < end)
