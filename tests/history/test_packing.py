"""Blocks are columns in lines; those of the schema before stand in one."""

import json
import zlib

import pytest

from autopyfactory.history.packing import columns_of, expand, squeeze

SHAPE = {"facts": [["count", "plain"], ["name", "plain"]]}
ROWS = ['[1,"a"]', '[2,"b\\nc"]', '[2,"a"]']


def test_a_block_gives_back_its_columns():
    columns = expand(squeeze(SHAPE, ROWS))
    assert dict(columns) == columns_of(SHAPE, ROWS)
    assert (list(columns), len(columns)) == (["count", "name"], 2)
    assert "count" in columns
    assert "other" not in columns
    with pytest.raises(KeyError):
        columns["other"]


def test_a_block_of_an_older_schema_is_read_too():
    older = zlib.compress(json.dumps(columns_of(SHAPE, ROWS)).encode())
    assert expand(older) == columns_of(SHAPE, ROWS)
