"""Compaction: rows of the tail become blocks."""

import json
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from autopyfactory.history.packing import squeeze
from autopyfactory.history.tables import BLOCKS, FORMS, TAIL


def compact(connection: Connection, queue: int) -> None:
    """Make blocks of all rows of a queue but those that belong to its newest head."""
    newest = select(func.max(TAIL.c.id)).where(TAIL.c.queue == queue, TAIL.c.head == 1).scalar_subquery()
    older = select(TAIL).where(TAIL.c.queue == queue, TAIL.c.id < newest).order_by(TAIL.c.id)
    for part in parts(connection.execute(older).all()):
        shape = connection.execute(select(FORMS.c.text).where(FORMS.c.id == part[0].form)).scalar_one()
        walls = [row.wall for row in part]
        block = {
            "queue": queue,
            "definition": part[0].definition,
            "first": min(walls),
            "last": max(walls),
            "reports": len(part),
            "columns": squeeze(json.loads(shape), [row.row for row in part]),
        }
        connection.execute(insert(BLOCKS).values(block))
        mine = (TAIL.c.queue == queue) & (TAIL.c.id >= part[0].id) & (TAIL.c.id <= part[-1].id)
        connection.execute(delete(TAIL).where(mine))


def parts(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Rows from one head to the next."""
    heads = [place for place, row in enumerate(rows) if row.head or place == 0]
    for begin, end in pairwise([*heads, len(rows)]):
        yield rows[begin:end]
