"""Names of queues stay the same, fit, and are never two alike."""

import re

from hypothesis import given
from hypothesis import strategies as st

from autopyfactory.clients.cric.names import clean, tell_apart
from autopyfactory.plan import NAME


def test_a_name_is_its_words() -> None:
    assert clean(["NORTH", "ce01.example.org", ""]) == "NORTH-ce01.example.org"
    assert clean(["_A B/C", "ä"]) == "A-B-C--"


@given(st.lists(st.text()))
def test_every_name_may_be_that_of_a_queue(words: list[str]) -> None:
    assert re.fullmatch(NAME, clean(words))


def test_long_names_differ_where_their_ends_do() -> None:
    first, second = clean(["A" * 70, "x"]), clean(["A" * 70, "y"])
    assert first != second
    assert len(first) == len(second) == 64


def test_of_two_with_one_name_the_first_keeps_it() -> None:
    before = tell_apart({("a", 1): "N"})
    after = tell_apart({("a", 1): "N", ("a", 2): "N", ("a", 3): "N"})
    assert after["a", 1] == before["a", 1] == "N"
    assert len(set(after.values())) == 3
    assert all(re.fullmatch(NAME, name) for name in after.values())


@given(
    st.lists(st.tuples(st.integers(), st.sampled_from(["A", "B", "A-ABCDEF"])), unique_by=lambda one: one[0])
)
def test_no_two_are_alike(pairs: list[tuple[int, str]]) -> None:
    names = tell_apart(dict(pairs))
    assert len(set(names.values())) == len(pairs)
