"""Retention: what of a history has become too old, or too much, goes; the oldest first."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, select

from autopyfactory.history.tables import BLOCKS, DEFINITIONS, TAIL

SHARE = 20  # one in so many blocks goes at a time when there is too much
DAY = 86400.0  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """How much is kept."""

    days: float
    bytes: int


def retain(connection: Connection, keep: Keep, now: float) -> None:
    """Delete what is older than `keep.days` at `now`, and the oldest of what is more than `keep.bytes`."""
    with connection.begin():
        forget_before(connection, now - keep.days * DAY)
    while size(connection) > keep.bytes and thin(connection):
        pass
    shrink(connection)


def forget_before(connection: Connection, moment: float) -> None:
    """Delete the blocks that end before a moment, and the rows of queues that have ended before it."""
    connection.execute(delete(BLOCKS).where(BLOCKS.c.last < moment))
    ended = select(TAIL.c.queue).group_by(TAIL.c.queue).having(func.max(TAIL.c.wall) < moment)
    connection.execute(delete(TAIL).where(TAIL.c.queue.in_(ended)))
    used = select(BLOCKS.c.definition).union(select(TAIL.c.definition))
    connection.execute(delete(DEFINITIONS).where(DEFINITIONS.c.id.not_in(used)))


def shrink(connection: Connection) -> None:
    """Give what is free in the file back to the disk."""
    raw: Any = connection.connection.driver_connection
    raw.executescript("PRAGMA incremental_vacuum")  # `execute` would take one step, which is one page


def thin(connection: Connection) -> bool:
    """Delete the oldest blocks; false when there are none."""
    with connection.begin():
        number = connection.execute(select(func.count()).select_from(BLOCKS)).scalar_one()
        oldest = select(BLOCKS.c.id).order_by(BLOCKS.c.last).limit(-(-number // SHARE))
        connection.execute(delete(BLOCKS).where(BLOCKS.c.id.in_(oldest)))
    return bool(number)


def size(connection: Connection) -> int:
    """Bytes of the file that are in use."""
    with connection.begin():
        pages, free, page = (
            connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("page_count", "freelist_count", "page_size")
        )
    return int(pages - free) * int(page)
