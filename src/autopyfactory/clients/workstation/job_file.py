"""The SQLite file under a job queue: made whole, and opened for one piece of work."""

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from autopyfactory.errors import Unavailable

PATIENCE = 10.0  # seconds to wait for another process that writes
VERSION = 1
SCHEMA = f"""
PRAGMA journal_mode = WAL;
CREATE TABLE job (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    label TEXT NOT NULL,
    arguments TEXT NOT NULL,
    directory TEXT NOT NULL,
    cores INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'ready',
    starts INTEGER NOT NULL DEFAULT 0,
    losses INTEGER NOT NULL DEFAULT 0,
    pilot TEXT NOT NULL DEFAULT '',
    output TEXT NOT NULL DEFAULT '',
    added REAL NOT NULL,
    started REAL,
    ended REAL,
    exit_code INTEGER,
    reason TEXT NOT NULL DEFAULT ''
);
CREATE INDEX job_by_state ON job (state);
CREATE INDEX job_by_label ON job (state, label);
PRAGMA user_version = {VERSION};
"""


def make(path: Path) -> None:
    """Make an empty queue for the owner alone, unless there is one; nobody ever sees half a file."""
    if path.exists():
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file, draft = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
        os.close(file)
        try:
            with closing(sqlite3.connect(draft, timeout=PATIENCE)) as database:
                database.executescript(SCHEMA)
            with suppress(FileExistsError):
                Path(path).hardlink_to(draft)
        finally:
            Path(draft).unlink()
    except (OSError, sqlite3.Error) as error:
        raise Unavailable(f"cannot make the job queue {path}: {error}") from error


@contextmanager
def opened(path: Path, *, writes: bool = False) -> Iterator[sqlite3.Connection]:
    """The file for one piece of work, which is undone unless it ends well; `writes` locks others out.

    Raises `Unavailable` when the file is not there, is no job queue, or stays locked by others.
    """
    if not path.exists():
        raise Unavailable(f"no job queue at {path}: the first 'apf jobs add' makes it")
    try:
        uri = f"{path.as_uri()}?mode=rw"
        with closing(sqlite3.connect(uri, uri=True, timeout=PATIENCE, isolation_level=None)) as database:
            database.row_factory = sqlite3.Row
            _check(path, database)
            database.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
            yield database
            database.execute("COMMIT")
    except sqlite3.Error as error:
        raise Unavailable(f"job queue {path}: {error}") from error


def _check(path: Path, database: sqlite3.Connection) -> None:
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if version > VERSION:
        raise Unavailable(f"job queue {path} was made by a newer autopyfactory (version {version})")
    if version < VERSION:
        raise Unavailable(f"{path} is no job queue: remove it, or name another file")
    database.execute("PRAGMA synchronous = NORMAL")
