"""Rows become columns of plain JSON."""

import json

import pytest

from autopyfactory.history.columns import PLAIN, pack, unpack_plain


@pytest.mark.parametrize(
    ("rows", "column"),
    [
        ([], []),
        ([7, 7, 7], [7]),
        ([7, 8, 7], [7, 8, 7]),
        ([None, 1, 2], [None, 1, 2]),
        (["a", "b", "a"], {"words": ["a", "b"], "at": [0, 1, 0]}),
        (["a", None, "a"], {"words": ["a", None], "at": [0, 1, 0]}),
    ],
)
def test_constants_and_words_stand_once(rows, column):
    assert pack(PLAIN, rows) == column
    assert unpack_plain(json.loads(json.dumps(column)), len(rows)) == rows


def test_facts_become_a_column_for_each_field():
    shape = {"facts": [["name", PLAIN], ["count", PLAIN]]}
    assert pack(shape, [["a", 1], ["a", 2]]) == {"name": ["a"], "count": [1, 2]}
    assert pack(shape, []) == {"name": [], "count": []}


def test_of_what_may_be_missing_only_what_is_there_has_a_column():
    assert pack({"maybe": PLAIN}, [None, 5, None]) == {"there": [False, True, False], "what": [5]}


def test_of_a_series_only_the_changes_have_a_column():
    assert pack({"series": PLAIN}, [[-1, [1, 2]], [0, []], [1, [3]]]) == {
        "drop": [-1, 0, 1],
        "more": [2, 0, 1],
        "what": [1, 2, 3],
    }
