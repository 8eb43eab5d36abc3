"""The database of a history: SQLite with a write-ahead log, so that readers never wait for the writer."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from sqlite3 import SQLITE_CORRUPT, SQLITE_NOTADB
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import NullPool

from autopyfactory.errors import ConfigError, Unavailable
from autopyfactory.history.tables import prepare

FILE = "history.sqlite"  # in the state folder
COMPANIONS = ("", "-wal", "-shm")  # what SQLite keeps beside a file
BUSY = 5  # seconds to wait for somebody else who writes


class Damaged(Unavailable):
    """A history of which something is missing."""


def open_engine(path: Path, *, make: bool) -> Engine:
    """An engine for a file, which is made where it is missing if `make` says so."""
    engine = create_engine(
        f"sqlite:///file:{path}?mode={'rwc' if make else 'rw'}&uri=true",
        connect_args={"timeout": BUSY},
        poolclass=NullPool,
    )
    event.listen(engine, "connect", set_up)
    event.listen(engine, "begin", begin)
    return engine


def set_up(connection: Any, _: Any) -> None:
    """One connection: transactions begin where we say."""
    connection.isolation_level = None
    for pragma in ("auto_vacuum = INCREMENTAL", "journal_mode = WAL", "synchronous = NORMAL"):
        connection.execute(f"PRAGMA {pragma}")


def begin(connection: Connection) -> None:
    """Begin a transaction, so that what is read in it is one picture."""
    connection.exec_driver_sql("BEGIN")


def connect(path: Path, *, make: bool) -> Connection:
    """A connection to a history of the present schema; the caller closes it.

    `ConfigError` where it is none, or one of a newer version; `Unavailable` where it cannot be read now.
    """
    with told(path), ExitStack() as stack:
        connection = stack.enter_context(open_engine(path, make=make).connect())
        with connection.begin():
            prepare(connection)
        stack.pop_all()  # it stays open
    return connection


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Errors of the database in words, with its path."""
    try:
        yield
    except ConfigError as error:
        raise ConfigError(f"history {path}: {error}") from error
    except OperationalError as error:
        raise Unavailable(f"history {path}: {error.orig}") from error
    except DBAPIError as error:
        raise ConfigError(f"history {path} is damaged: {error.orig}") from error


def is_damaged(error: BaseException | None) -> bool:
    """Whether an error, or its cause, says that a file is no database, or no whole one."""
    if error is None or isinstance(error, Damaged):
        return error is not None
    code = getattr(getattr(error, "orig", None), "sqlite_errorcode", 0) & 0xFF
    return code in (SQLITE_CORRUPT, SQLITE_NOTADB) or is_damaged(error.__cause__)


def set_aside(path: Path, stamp: str) -> Path:
    """Rename a damaged history, whose new name is the answer; it is never deleted."""
    kept = path.with_name(f"{path.name}.damaged-{stamp}")
    for companion in COMPANIONS:
        beside = path.with_name(path.name + companion)
        if beside.exists():
            beside.replace(kept.with_name(kept.name + companion))
    return kept
