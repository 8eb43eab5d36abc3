"""What an operator reads of a rule in the trail."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autopyfactory import rule as module
from autopyfactory.model import Unit
from autopyfactory.rule import EXACT, Rule, Words, part


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PauseAfterNTries(Rule):
    """A rule with an option of every type."""

    tries: int
    pause: timedelta = timedelta(minutes=5)
    ratio: float = 0.5
    unit: Unit = Unit.JOBS
    may_end: bool = False
    most: int | None = None


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({}, "pause_after_n_tries(tries=3)"),
        ({"pause": timedelta(hours=2)}, "pause_after_n_tries(tries=3, pause=2h)"),
        ({"pause": timedelta(minutes=5)}, "pause_after_n_tries(tries=3)"),
        ({"ratio": 0.25}, "pause_after_n_tries(tries=3, ratio=0.25)"),
        ({"unit": Unit.CORES}, "pause_after_n_tries(tries=3, unit=cores)"),
        ({"may_end": True}, "pause_after_n_tries(tries=3, may_end=true)"),
        ({"most": 0}, "pause_after_n_tries(tries=3, most=0)"),
    ],
)
def test_a_rule_shows_its_kind_and_the_options_that_were_set(options, text):
    assert repr(PauseAfterNTries(tries=3, **options)) == text


def test_a_rule_needs_nothing_and_is_no_cap_unless_it_says_so():
    assert (PauseAfterNTries.needs, PauseAfterNTries.cap) == (frozenset(), False)


@given(st.integers(-EXACT, EXACT), st.floats(0, 1e6), st.floats(0.001, 1e6))
def test_a_part_is_what_floating_point_numbers_make_of_it(count, share, whole):
    assert part(count, share, whole) == count * share / whole


@given(st.integers(EXACT + 1, 10**400))
def test_a_part_of_more_than_they_hold_is_exact(count):
    assert part(count, 0.25, 0.5) * 2 == count
    assert part(-count, 3.0) == -3 * count


def test_a_rule_is_asked_for_its_words_once(monkeypatch):
    class Asked:
        asked = 0

        def __repr__(self) -> str:
            Asked.asked += 1
            return f"rule {self.asked}"

    monkeypatch.setattr(module, "MANY", 2)
    words, rule = Words(), Asked()
    assert [words(rule), words(rule)] == ["rule 1", "rule 1"]
    words(object())
    words(object())
    assert words(rule) == "rule 2"
