"""The footing of a writer: whether the file that it holds open is still there, and all of it."""

from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection

from autopyfactory.errors import Unavailable
from autopyfactory.history.database import Damaged


class Footing(NamedTuple):
    """What a file and its log look like from outside.  Nobody but a checkpoint makes them shorter."""

    device: int
    file: int
    bytes: int
    log: int  # bytes; 0 without one

    @classmethod
    def of(cls, path: Path) -> "Footing":
        """That of a history; raises `Unavailable` where it is gone."""
        try:
            found = path.stat()
        except OSError as error:
            raise Unavailable(f"history {path} is gone: {error.strerror}") from error
        log = 0
        with suppress(FileNotFoundError):
            log = path.with_name(f"{path.name}-wal").stat().st_size
        return cls(found.st_dev, found.st_ino, found.st_size, log)

    def after(self, before: "Footing | None") -> "Footing":
        """This one after a write; what was harmed during the write stays what it was, and seen next time."""
        if before is None or self[:2] != before[:2]:
            return before or self
        return self._replace(bytes=max(self.bytes, before.bytes), log=max(self.log, before.log))


def is_cut(path: Path, before: Footing) -> bool:
    """Whether something was cut off since.  Raises `Unavailable` where the file is gone, or another one."""
    now = Footing.of(path)
    if now[:2] != before[:2]:
        raise Unavailable(f"history {path} is another file now")
    return now.bytes < before.bytes or now.log < before.log


def judge(connection: Connection, path: Path) -> Unavailable:
    """What to say of a file of which something was cut off; `Damaged` where the rest is not whole."""
    with connection.begin():
        found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
    kind = Unavailable if found == "ok" else Damaged
    return kind(f"history {path} was cut short")
