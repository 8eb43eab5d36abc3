"""The tables of a history and their schema, with the steps that lead from each older one to this."""

import json
import zlib
from collections.abc import Callable, Mapping

from sqlalchemy import (
    Column,
    Connection,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    inspect,
    select,
)

from autopyfactory.errors import ConfigError
from autopyfactory.history.packing import seal

SCHEMA = 4
METADATA = MetaData()

VERSION = Table("version", METADATA, Column("schema", Integer, nullable=False))
QUEUES = Table(
    "queues",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("text", String, nullable=False, unique=True),
)
DEFINITIONS = Table(  # as what a queue was configured: JSON, once
    "definitions",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("digest", String, nullable=False, unique=True),
    Column("text", Text, nullable=False),
)
FORMS = Table(  # shapes of rows
    "forms",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("text", Text, nullable=False, unique=True),
)
TAIL = Table(  # the newest reports of every queue, a row for each
    "tail",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("queue", Integer, nullable=False),
    Column("definition", Integer, nullable=False),
    Column("form", Integer, nullable=False),
    Column("head", Integer, nullable=False),  # 1: nothing in it refers to the row before
    Column("wall", Float(53), nullable=False),  # seconds since the epoch
    Column("row", Text, nullable=False),
    Index("tail_by_queue", "queue", "id"),
)
BY_DEFINITION = Index("blocks_by_definition", "definition")  # which ones are still needed
BLOCKS = Table(  # all others, many in each
    "blocks",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("queue", Integer, nullable=False),
    Column("definition", Integer, nullable=False),
    Column("first", Float(53), nullable=False),
    Column("last", Float(53), nullable=False),
    Column("reports", Integer, nullable=False),
    Column("columns", LargeBinary, nullable=False),
    Index("blocks_by_queue", "queue", "last"),
    Index("blocks_by_age", "last"),
    BY_DEFINITION,
)


def repack(connection: Connection) -> None:
    """Blocks were text, a line for each column or one for all; now each column is compressed for itself."""
    for number in connection.execute(select(BLOCKS.c.id)).scalars().all():
        this = BLOCKS.c.id == number
        block = connection.execute(select(BLOCKS.c.columns).where(this)).scalar_one()
        first, *lines = map(json.loads, zlib.decompress(block).split(b"\n"))
        columns = dict(zip(first, lines, strict=True)) if lines else first
        connection.execute(BLOCKS.update().where(this).values(columns=seal(columns)))


MIGRATIONS: Mapping[int, Callable[[Connection], None]] = {  # by the schema that they start from
    1: BY_DEFINITION.create,
    2: lambda _: None,  # blocks are written in lines from then on, and older ones stay as they are
    3: repack,
}


def prepare(connection: Connection) -> None:
    """Make what is missing and bring an older schema up to date; `ConfigError` for a newer one."""
    schema = find_schema(connection)
    if schema is None:
        METADATA.create_all(connection)
        connection.execute(VERSION.insert().values(schema=SCHEMA))
        return
    if schema > SCHEMA:
        raise ConfigError(
            f"it has schema {schema}, which a newer version of the factory wrote; this one knows {SCHEMA}"
        )
    for step in range(schema, SCHEMA):
        MIGRATIONS[step](connection)
        connection.execute(VERSION.update().values(schema=step + 1))


def find_schema(connection: Connection) -> int | None:
    """The schema of the tables that are there; None where there are none."""
    there = inspect(connection).get_table_names()
    if not there:
        return None
    found = connection.execute(select(VERSION.c.schema)).scalar() if VERSION.name in there else None
    if found is None:
        raise ConfigError("it is a database of something else")
    return int(found)
