"""A history of an older schema is brought up to date; one of a newer version is refused."""

import sqlite3

import pytest

from autopyfactory.errors import ConfigError
from autopyfactory.history.database import connect
from autopyfactory.history.reader import History
from autopyfactory.history.retention import Keep
from autopyfactory.history.tables import MIGRATIONS, SCHEMA, find_schema, prepare
from autopyfactory.history.writer import REPORTS, Writer
from reported import Site

INDEXES = "SELECT name FROM sqlite_master WHERE type = 'index' AND name LIKE 'blocks_by%'"
OLDER = {1: ["DROP INDEX blocks_by_definition"], 2: []}  # from the next schema back to this one


def age(path, schema):
    """Make a file as the program of an older schema left it."""
    with sqlite3.connect(path) as connection:
        for step in range(SCHEMA - 1, schema - 1, -1):
            for statement in OLDER[step]:
                connection.execute(statement)
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
