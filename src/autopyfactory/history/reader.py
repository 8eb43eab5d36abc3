"""The reader of a history, also while the factory writes it: blocks, reports, moments, definitions."""

import heapq
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select

from autopyfactory.errors import ConfigError
from autopyfactory.garbage import uncollected
from autopyfactory.history.compaction import parts
from autopyfactory.history.database import connect, told
from autopyfactory.history.form import FORM
from autopyfactory.history.packing import Columns, columns_of
from autopyfactory.history.tables import BLOCKS, DEFINITIONS, FORMS, QUEUES, TAIL
from autopyfactory.model import Report


class Span(NamedTuple):
    """From the first to the last report, in seconds since the epoch."""

    first: float
    last: float


EVER = Span(-math.inf, math.inf)
AT_ONCE = 16  # blocks that are read with one question


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Reports of one queue under one definition, in the order of its cycles, still in columns."""

    queue: str
    definition: str
    count: int
    columns: Mapping[str, Any]

    def values(self, name: str) -> Sequence[Any]:
        """One field of all its reports, `wall`, `seen` or `decision.count`: nothing else is read."""
        with uncollected():
            return FORM.values(name, self.columns, self.count)

    def reports(self) -> list[Report]:
        """All of it.  Rules are the words they were called; an error keeps its kind and its words."""
        columns = {name: self.values(name) for name in FORM.fields}
        return FORM.build({**columns, "definition": [self.definition] * self.count}, self.count)


class History:
    """One history.  For use by one thread; a context manager that lets the file go."""

    def __init__(self, path: Path) -> None:
        """Open it; `ConfigError` where there is none that can be read."""
        if not path.is_file():
            raise ConfigError(f"there is no history {path}: no factory with a monitor 'history' has run here")
        self.path = path
        self._connection = connect(path, make=False)

    def __enter__(self) -> "History":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def queues(self) -> list[str]:
        """The queues of which there are reports."""
        there = select(BLOCKS.c.queue).union(select(TAIL.c.queue))
        with self._reading() as connection:
            return sorted(connection.execute(select(QUEUES.c.text).where(QUEUES.c.id.in_(there))).scalars())

    def span(self) -> Span | None:
        """From the first to the last report of all; None where there is none."""
        blocks = select(func.min(BLOCKS.c.first), func.max(BLOCKS.c.last))
        tail = select(func.min(TAIL.c.wall), func.max(TAIL.c.wall))
        with self._reading() as connection:
            found = [connection.execute(query).one() for query in (blocks, tail)]
        moments = [moment for row in found for moment in row if moment is not None]
        return Span(min(moments), max(moments)) if moments else None

    def blocks(self, queue: str, span: Span = EVER, *, newest_first: bool = False) -> Iterator[Block]:
        """All blocks of a queue that hold reports of this time, and perhaps some around it, in order."""
        with self._reading() as connection:
            number = connection.execute(select(QUEUES.c.id).where(QUEUES.c.text == queue)).scalar()
            within = (
                (BLOCKS.c.queue == number) & (BLOCKS.c.last >= span.first) & (BLOCKS.c.first <= span.last)
            )
            stored = (
                connection.execute(select(BLOCKS.c.id).where(within).order_by(BLOCKS.c.id)).scalars().all()
            )
            rows = connection.execute(select(TAIL).where(TAIL.c.queue == number).order_by(TAIL.c.id)).all()
            texts = {row.id: row.text for row in connection.execute(select(DEFINITIONS))}
            shapes = {row.id: row.text for row in connection.execute(select(FORMS))}
        tails = [part for part in parts(rows) if part[-1].wall >= span.first and part[0].wall <= span.last]
        if newest_first:
            stored, tails = stored[::-1], tails[::-1]
        newest = (block_of(tail, queue, texts, shapes) for tail in tails)
        yield from newest if newest_first else ()
        for place in range(0, len(stored), AT_ONCE):
            yield from self._load(stored[place : place + AT_ONCE], queue, texts)
        yield from newest

    def reports(self, queue: str, span: Span = EVER) -> Iterator[Report]:
        """The reports of a queue that began in this time, in the order of its cycles."""
        for block in self.blocks(queue, span):
            yield from (report for report in block.reports() if span.first <= report.wall <= span.last)

    def everything(self, span: Span = EVER) -> Iterator[Report]:
        """The reports of all queues in the order in which the cycles began."""
        return heapq.merge(*(self.reports(queue, span) for queue in self.queues()), key=attrgetter("wall"))

    def last(self, queue: str, moment: float = math.inf) -> Report | None:
        """The newest report of a queue that began at a moment or before it; None where there is none."""
        for block in self.blocks(queue, Span(-math.inf, moment), newest_first=True):
            for report in reversed(block.reports()):
                if report.wall <= moment:
                    return report
        return None

    def _load(self, numbers: Sequence[int], queue: str, texts: Mapping[int, str]) -> Iterator[Block]:
        """Stored blocks in this order; those that have become too old meanwhile are left out."""
        with self._reading() as connection:
            rows = connection.execute(select(BLOCKS).where(BLOCKS.c.id.in_(numbers))).all()
        there = {row.id: row for row in rows}
        for row in filter(None, map(there.get, numbers)):
            text = texts[row.definition]
            yield Block(queue=queue, definition=text, count=row.reports, columns=Columns(row.columns))

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        """All that is read inside is of one moment."""
        with told(self.path), self._connection.begin():
            yield self._connection


def block_of(tail: Sequence[Any], queue: str, texts: Mapping[int, str], shapes: Mapping[int, str]) -> Block:
    """Rows of the tail, which belong together, as a block."""
    columns = columns_of(json.loads(shapes[tail[0].form]), [row.row for row in tail])
    return Block(queue=queue, definition=texts[tail[0].definition], count=len(tail), columns=columns)
