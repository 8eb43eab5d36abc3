"""Rows become columns."""

import pytest

from autopyfactory.history.columns import PLAIN, Numbers, pack, unpack_plain
from autopyfactory.history.packing import read, write


@pytest.mark.parametrize(
    ("rows", "column"),
    [
        ([], []),
        ([7, 7, 7], [7]),
        ([7, 8, 7], Numbers("i", [7, 8, 7])),
        ([0.5, 8.0], Numbers("d", [0.5, 8.0])),
        ([7, 0.5], [7, 0.5]),
        ([7, 2**31], [7, 2**31]),
        ([True, False], [True, False]),
        ([None, 1, 2], [None, 1, 2]),
        (["a", "b", "a"], {"words": ["a", "b"], "at": Numbers("i", [0, 1, 0])}),
        (["a", None, "a"], {"words": ["a", None], "at": Numbers("i", [0, 1, 0])}),
    ],
)
def test_constants_and_words_stand_once(rows, column):
    assert pack(PLAIN, rows) == column
    assert unpack_plain(read(write(column)), len(rows)) == rows


def test_facts_become_a_column_for_each_field():
    shape = {"facts": [["name", PLAIN], ["count", PLAIN]]}
    assert pack(shape, [["a", 1], ["a", 2]]) == {"name": ["a"], "count": Numbers("i", (1, 2))}
    assert pack(shape, []) == {"name": [], "count": []}


def test_of_what_may_be_missing_only_what_is_there_has_a_column():
    assert pack({"maybe": PLAIN}, [None, 5, None]) == {"there": [False, True, False], "what": [5]}


@pytest.mark.parametrize("same", [0, [0, []]])
def test_of_a_series_only_the_changes_have_a_column(same):
    assert pack({"series": PLAIN}, [[-1, [1, 2]], same, [1, [3]]]) == {
        "drop": Numbers("i", [-1, 0, 1]),
        "more": Numbers("i", [2, 0, 1]),
        "what": Numbers("i", [1, 2, 3]),
    }


def test_series_of_one_length_that_are_always_new_are_kept_place_by_place():
    assert pack({"series": PLAIN}, [[-1, ["a", 1]], 0, [-1, ["a", 2]]]) == {
        "drop": Numbers("i", [-1, 0, -1]),
        "more": Numbers("i", [2, 0, 2]),
        "lanes": [["a"], Numbers("i", [1, 2])],
    }
