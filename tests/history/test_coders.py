"""Values become rows, and columns values again."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autopyfactory.history.coders import SAME, Coder, Maybe, Plain, Series, Translated
from autopyfactory.history.columns import pack
from autopyfactory.history.facts import Facts, Field
from autopyfactory.history.packing import read, write


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    count: int
    name: str = "nobody"


class Pair(NamedTuple):
    left: int
    right: int = 5


FACTS = Facts(Fact, [Field("count", Plain()), Field("name", Plain(), lambda: "nobody")])


def there_and_back(coder: Coder, values: Sequence[Any]) -> list[Any]:
    """What comes of values that are written row by row, stored as JSON, and read by the block."""
    past: dict[int, tuple[Any, ...]] = {}
    rows = json.loads(json.dumps([coder.row(value, past) for value in values]))
    return coder.unpack(read(write(pack(coder.shape, rows))), len(values))


NUMBERS = st.one_of(st.integers(), st.floats(allow_nan=False), st.none(), st.text(max_size=3))


@given(st.lists(NUMBERS))
def test_plain_values_come_back_exactly(values):
    assert there_and_back(Plain(), values) == values


@given(st.lists(st.none() | st.builds(Fact, count=st.integers(), name=st.sampled_from("abc"))))
def test_facts_come_back_and_so_does_their_absence(values):
    assert there_and_back(Maybe(FACTS), values) == values


@given(st.lists(st.none() | st.lists(st.integers(0, 3), max_size=5).map(tuple)))
def test_any_sequence_of_tuples_comes_back(values):
    assert there_and_back(Maybe(Series(Plain())), values) == values


@given(st.lists(st.lists(st.lists(st.integers(0, 2), max_size=3).map(tuple), max_size=3).map(tuple)))
def test_tuples_of_tuples_come_back(values):
    assert there_and_back(Series(Series(Plain())), values) == values


@pytest.mark.parametrize(
    ("before", "after", "row"),
    [
        ((), (1, 2), [-1, [1, 2]]),
        ((1, 2), (1, 2), SAME),
        ((1, 2, 3), (2, 3, 4), [1, [4]]),
        ((1, 2), (1, 2, 3), [0, [3]]),
        ((1, 2, 3), (1, 2), [-1, [1, 2]]),
        ((1, 2), (), [-1, []]),
        ((1, 2, 3), (2, 9), [-1, [2, 9]]),
    ],
)
def test_a_window_that_moves_is_written_as_what_is_new(before, after, row):
    coder, past = Series(Plain()), {}
    coder.row(before, past)
    assert coder.row(after, past) == row


def test_equal_neighbours_are_read_as_one_object():
    first, second = there_and_back(Series(Plain()), [(1, 2), (1, 2)])
    assert first is second


def test_a_named_tuple_comes_back():
    coder = Facts(Pair, [Field("left", Plain()), Field("right", Plain())])
    assert there_and_back(coder, [Pair(1, 2), Pair(3, 4)]) == [Pair(1, 2), Pair(3, 4)]


def test_a_translated_value_comes_back():
    coder = Translated(Plain(), lambda value: value.hex(), bytes.fromhex)
    assert there_and_back(coder, [b"ab", b"\0"]) == [b"ab", b"\0"]
