"""The writer of a history: reports come one by one and go into the file in batches.

The newest reports of a queue are rows of the tail, readable at once; so many of them become a block.
For use by one thread.
"""

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert
from sqlalchemy.exc import DBAPIError

from autopyfactory.errors import FactoryError, Unavailable
from autopyfactory.history.coders import Past
from autopyfactory.history.compaction import compact
from autopyfactory.history.database import connect, is_damaged, set_aside
from autopyfactory.history.footing import Footing, is_cut, judge
from autopyfactory.history.form import FORM
from autopyfactory.history.packing import WRITE, write_row
from autopyfactory.history.retention import Keep, retain
from autopyfactory.history.tables import DEFINITIONS, FORMS, QUEUES, TAIL
from autopyfactory.history.texts import Texts
from autopyfactory.model import Report

SHAPE = WRITE(FORM.shape)
REPORTS = 256  # in a block: a day of a queue with a cycle every six minutes
BATCH = 1000  # reports that wait to be written, at most
RETAIN = 600.0  # seconds between two looks at what has become too old or too much


@dataclass(slots=True)
class Stream:
    """What the next row of a queue can refer to."""

    definition: str
    past: Past = field(default_factory=dict)
    rows: int = 0  # since its last head


class Writer:
    """Writes reports to one file.  What cannot be written is lost and told; the next ones may find room."""

    def __init__(self, path: Path, keep: Keep) -> None:
        self._path = path
        self._keep = keep
        self._connection: Connection | None = None
        self._footing: Footing | None = None  # after the last write
        self._streams: dict[str, Stream] = {}
        self._batch: list[dict[str, Any]] = []
        self._retained = 0.0
        self._forget()

    def add(self, report: Report) -> None:
        """Take a report up; a full batch is written.  Raises `Unavailable` with how many reports are lost."""
        stream = self._streams.get(report.queue)
        is_head = stream is None or stream.rows >= REPORTS or stream.definition != report.definition
        if stream is None or is_head:
            stream = self._streams[report.queue] = Stream(report.definition)
        stream.rows += 1
        row = write_row(FORM.row(report, stream.past))
        about = {"queue": report.queue, "definition": report.definition, "wall": report.wall}
        self._batch.append({**about, "head": int(is_head), "row": row})
        if len(self._batch) >= BATCH:
            self.flush()

    def flush(self) -> None:
        """Write what waits.  Errors as for `add`."""
        if not self._batch:
            return
        try:
            self._write()
        except (FactoryError, DBAPIError, OSError) as error:
            raise self._give_up(error) from error
        self._batch = []

    def close(self) -> None:
        """Write what waits, and let the file go."""
        try:
            self.flush()
        finally:
            self._disconnect()

    def _write(self) -> None:
        connection = self._connect()
        with connection.begin():
            new = self._queues.learn(connection, [row["queue"] for row in self._batch])
            self._definitions.learn(connection, [row["definition"] for row in self._batch])
            self._forms.learn(connection, [SHAPE])
            connection.execute(insert(TAIL), [self._refer(row) for row in self._batch])
            heads = Counter(row["queue"] for row in self._batch if row["head"])
            for queue in heads - Counter(new):  # before the first head of a new one there is nothing
                compact(connection, self._queues[queue])
        self._footing = Footing.of(self._path).after(self._footing)
        if time.monotonic() - self._retained > RETAIN:
            self._retained = time.monotonic()
            retain(connection, self._keep, time.time())
            self._footing = Footing.of(self._path)

    def _connect(self) -> Connection:
        """The file, open, and opened anew now and then.

        What others do to it SQLite would not notice for long: it writes on from what it remembers.
        """
        cut = self._footing is not None and is_cut(self._path, self._footing)
        if cut or time.monotonic() - self._retained > RETAIN:
            self._disconnect()
        if self._connection is None:
            self._connection = connect(self._path, make=True)
        if cut:
            raise judge(self._connection, self._path)
        return self._connection

    def _refer(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """A row of the batch as the tail has it: with numbers in place of what stands once."""
        return {
            **row,
            "queue": self._queues[row["queue"]],
            "definition": self._definitions[row["definition"]],
            "form": self._forms[SHAPE],
        }

    def _forget(self) -> None:
        """Know no text any more."""
        self._queues, self._definitions, self._forms = Texts(QUEUES), Texts(DEFINITIONS), Texts(FORMS)

    def _give_up(self, error: Exception) -> Unavailable:
        """Forget what could not be written, and what later rows would refer to."""
        lost = len(self._batch)
        self._disconnect()
        self._batch, self._streams = [], {}
        self._forget()
        words = str(error)
        if not isinstance(error, FactoryError):
            words = f"history {self._path}: {getattr(error, 'orig', error)}"
        if is_damaged(error):
            kept = set_aside(self._path, time.strftime("%Y%m%dT%H%M%SZ", time.gmtime()))
            words += f"; it is kept as {kept}, and a new one begins"
        return Unavailable(f"{words}; reports lost: {lost}")

    def _disconnect(self) -> None:
        if self._connection is not None:
            connection, self._connection, self._footing = self._connection, None, None
            connection.close()
