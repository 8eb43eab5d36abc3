"""A block gives back what it was made of, column by column."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autopyfactory.history.columns import PLAIN, pack, unpack_plain
from autopyfactory.history.packing import Columns, read, seal, squeeze, write, write_row

ROWS = st.one_of(
    st.lists(st.floats(allow_nan=False)),
    st.lists(st.integers(-(2**31), 2**31 - 1)),
    st.lists(st.integers()),
    st.lists(st.sampled_from(["a", "b"])),
    st.lists(st.none() | st.integers()),
)


@given(ROWS)
def test_every_number_comes_back_exactly(rows):
    assert unpack_plain(read(write(pack(PLAIN, rows))), len(rows)) == rows


def test_a_block_has_the_columns_that_went_in():
    columns = Columns(seal({"count": pack(PLAIN, [1, 2]), "name": ["a"]}))
    assert len(columns) == 2
    assert dict(columns) == {"count": [1, 2], "name": ["a"]}


def test_a_column_is_read_only_when_it_is_asked_for():
    block = bytearray(seal({"count": [1], "name": ["a"]}))
    block[-1] ^= 255  # the end of the last column
    assert Columns(bytes(block))["count"] == [1]


def test_rows_of_the_tail_become_a_block():
    shape = {"facts": [["count", PLAIN], ["name", PLAIN]]}
    assert dict(Columns(squeeze(shape, ['[1,"a"]', '[2,"a"]']))) == {"count": [1, 2], "name": ["a"]}


@pytest.mark.parametrize("row", [["a", 1, 0.1, None, math.inf, -math.inf], ["caf\udce9"], ["\u00e9"]])
def test_a_row_is_json_whatever_it_holds(row):
    assert json.loads(write_row(row)) == row
