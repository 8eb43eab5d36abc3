"""A history of an older schema is brought up to date; one of a newer version is refused."""

import json
import sqlite3
import zlib

import pytest

from autopyfactory.errors import ConfigError
from autopyfactory.history.database import connect
from autopyfactory.history.packing import WRITE, Columns
from autopyfactory.history.reader import History
from autopyfactory.history.retention import Keep
from autopyfactory.history.tables import MIGRATIONS, SCHEMA, find_schema, prepare
from autopyfactory.history.writer import REPORTS, Writer
from reported import Site

INDEXES = "SELECT name FROM sqlite_master WHERE type = 'index' AND name LIKE 'blocks_by%'"


def drop_index(connection):
    """Schema 2 back to 1."""
    connection.execute("DROP INDEX blocks_by_definition")


def join_lines(connection):
    """Schema 3 back to 2: a block was one line of JSON."""
    rewrite(connection, lambda names, lines: WRITE(dict(zip(names, lines, strict=True))))


def write_lines(connection):
    """Schema 4 back to 3: a block was a line of names, and one for each column."""
    for number, block in connection.execute("SELECT id, columns FROM blocks").fetchall():
        columns = Columns(block)
        replace(connection, number, "\n".join(map(WRITE, [list(columns), *columns.values()])))


def rewrite(connection, write):
    """Write the lines of all blocks in another way."""
    for number, block in connection.execute("SELECT id, columns FROM blocks").fetchall():
        names, *lines = map(json.loads, zlib.decompress(block).split(b"\n"))
        replace(connection, number, write(names, lines))


def replace(connection, number, text):
    """Give a block other bytes."""
    connection.execute("UPDATE blocks SET columns = ? WHERE id = ?", (zlib.compress(text.encode()), number))


OLDER = {1: drop_index, 2: join_lines, 3: write_lines}  # from the next schema back to this one


def age(path, schema):
    """Make a file as the program of an older schema left it."""
    with sqlite3.connect(path) as connection:
        for step in range(SCHEMA - 1, schema - 1, -1):
            OLDER[step](connection)
        connection.execute("UPDATE version SET schema = ?", (schema,))


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "history.sqlite"
    writer = Writer(path, Keep(days=10_000, bytes=10**9))
    for report in Site("SITE_A").reports(REPORTS + 5):
        writer.add(report)
    writer.close()
    return path


@pytest.mark.parametrize("schema", range(1, SCHEMA))
def test_an_older_schema_becomes_this_one_and_nothing_is_lost(path, schema):
    age(path, schema)
    with History(path) as history:
        assert [report.number for report in history.reports("SITE_A")] == list(range(1, REPORTS + 6))
    with connect(path, make=False) as connection:
        assert find_schema(connection) == SCHEMA
    with sqlite3.connect(path) as raw:
        found = {name for (name,) in raw.execute(INDEXES)}
    assert found == {"blocks_by_age", "blocks_by_definition", "blocks_by_queue"}


def test_there_is_a_step_from_every_older_schema():
    assert set(MIGRATIONS) == set(range(1, SCHEMA))


def test_a_newer_schema_is_refused_and_left_alone(path):
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE version SET schema = 99")
    with pytest.raises(ConfigError, match="it has schema 99"):
        connect(path, make=False)
    with sqlite3.connect(path) as raw:
        assert raw.execute("SELECT schema FROM version").fetchone() == (99,)


def test_to_prepare_twice_changes_nothing(path):
    with connect(path, make=False) as connection, connection.begin():
        prepare(connection)
        assert find_schema(connection) == SCHEMA
