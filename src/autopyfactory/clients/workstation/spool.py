"""The folder of pilots, seen from outside: who lives, who ended, and how far each came."""

import json
import os
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from autopyfactory.clients import locks
from autopyfactory.clients.workstation.berth import DRAFT, RECORD, Birth, Stage, move, token
from autopyfactory.errors import Unavailable

LOST = "lost: it ended without a word"
LOOKS = 3  # at a stage that changes while one looks
RESTORED = 60.0  # seconds in which a living pilot surely restores a record that somebody removed
KEEP = 1000  # ended pilots, at least so many
KEEP_YOUNG = 600.0  # seconds for which every ended pilot is kept
KEEP_OLD = 86400.0  # seconds after which none is


LONGEST = 65536  # bytes of a record


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One pilot.  Times are seconds since the epoch, `began_monotonic` is of the monotonic clock."""

    identifier: str
    factory: str
    queue: str
    tag: str
    serial: int
    cores: int
    submitted: float
    stage: Stage
    began: float | None = None
    began_monotonic: float | None = None
    ended: float | None = None
    reason: str = ""

    @property
    def run_time(self) -> float:
        """Seconds from its begin, if there was one, to its end."""
        if self.began is None or self.ended is None:
            return 0.0
        return max(0.0, self.ended - self.began)


BIRTH = {field.name for field in fields(Birth)}
FACTS = {field.name for field in fields(Record)} - {"identifier", "stage"}


class Spool:
    """All pilots of one factory in one folder.  Ended ones are read once and remembered."""

    def __init__(self, folder: str | Path, factory: str) -> None:
        self.folder, self.factory = str(folder), factory
        self._ended: dict[str, Record] = {}
        self._strange: set[str] = set()  # records of other factories
        self._seen: dict[str, float] = {}  # living pilots, and when they were last seen

    def records(self) -> list[Record]:
        """Every pilot of this factory that is known here, in the order of submission."""
        names = self._names()
        living = [
            record
            for name in names
            if name.endswith(RECORD)
            and (identifier := name.removesuffix(RECORD)) not in self._ended
            and identifier not in self._strange
            and (record := self._read(identifier)) is not None
        ]
        self._ended |= {record.identifier: record for record in living if record.stage is Stage.ENDED}
        living = [record for record in living if record.stage is not Stage.ENDED]
        self._miss(living)
        return sorted([*self._ended.values(), *living], key=lambda record: (record.queue, record.serial))

    def retire(self, record: Record) -> bool:
        """Tell a pilot to end; `False` when it is no longer at the stage of `record`."""
        return move(self.folder, record.identifier, record.stage, Stage.RETIRING)

    def prune(self) -> None:
        """Remove old records of ended pilots, but never a queue's last one: it holds the serial number."""
        now = time.time()
        last: dict[str, int] = {}
        for record in self._ended.values():
            last[record.queue] = max(record.serial, last.get(record.queue, 0))
        newest = sorted(self._ended.values(), key=lambda record: record.ended or 0.0, reverse=True)
        for place, record in enumerate(newest):
            age = now - (record.ended or 0.0)
            spare = age > KEEP_OLD or (place >= KEEP and age > KEEP_YOUNG)
            if spare and record.serial < last[record.queue]:
                self._remove(record.identifier)
        for name in self._names():
            if name.endswith(DRAFT):
                self._remove_stale(name.removesuffix(DRAFT), now)

    def _remove_stale(self, identifier: str, now: float) -> None:
        """Remove what a launcher left that was killed before its pilot was born."""
        draft = Path(f"{self.folder}/{identifier}{DRAFT}")
        with suppress(FileNotFoundError):  # the pilot was born meanwhile
            if now - draft.stat().st_mtime > KEEP_YOUNG and not locks.is_held_at(str(draft)):
                Path(token(self.folder, identifier, Stage.PENDING)).unlink(missing_ok=True)
                draft.unlink()

    def _remove(self, identifier: str) -> None:
        for name in (f"{self.folder}/{identifier}{RECORD}", token(self.folder, identifier, Stage.ENDED)):
            Path(name).unlink(missing_ok=True)
        del self._ended[identifier]

    def _names(self) -> list[str]:
        try:
            with os.scandir(self.folder) as entries:
                return [entry.name for entry in entries]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise Unavailable(f"cannot read the folder of pilots {self.folder}: {error}") from error

    def _miss(self, living: Iterable[Record]) -> None:
        """Refuse an answer that lacks pilots which lived a moment ago and have not ended."""
        now = time.monotonic()
        self._seen |= {record.identifier: now for record in living}
        self._seen = {
            identifier: seen
            for identifier, seen in self._seen.items()
            if identifier not in self._ended and now - seen < RESTORED
        }
        missing = [identifier for identifier, seen in self._seen.items() if seen < now]
        if missing:
            raise Unavailable(
                f"records of {len(missing)} pilots vanished from {self.folder}, such as {missing[0]};"
                " those that live restore them"
            )

    def _read(self, identifier: str) -> Record | None:
        """One pilot as it is now; `None` when it is not this factory's, or was just removed."""
        try:
            file = os.open(f"{self.folder}/{identifier}{RECORD}", os.O_RDWR | os.O_APPEND | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Unavailable(f"cannot read the record of pilot {identifier}: {error}") from error
        try:
            return self._look(identifier, file)
        finally:
            os.close(file)

    def _look(self, identifier: str, file: int) -> Record | None:
        lives = locks.is_held(file)  # before the facts: the last ones are written while the lock is held
        stage = self._stage(identifier) if lives else Stage.ENDED
        facts = _facts(os.read(file, LONGEST))
        if not facts and lives:
            raise Unavailable(f"cannot understand {self.folder}/{identifier}{RECORD}, whose pilot lives")
        if facts.get("factory") != self.factory:
            self._strange.add(identifier)
            return None
        if not lives:
            facts |= self._bury(identifier, file, facts)
        return Record(identifier=identifier, stage=stage, **facts)

    def _bury(self, identifier: str, file: int, facts: Mapping[str, Any]) -> dict[str, Any]:
        """See to it that the record of a dead pilot says so; the facts that it lacked."""
        missing: dict[str, Any] = {}
        if "ended" not in facts:
            missing = {"ended": os.fstat(file).st_mtime, "reason": LOST}
            os.write(file, json.dumps(missing).encode() + b"\n")
        for stage in Stage:
            if move(self.folder, identifier, stage, Stage.ENDED):
                break
        return missing

    def _stage(self, identifier: str) -> Stage:
        """The stage of a pilot; `RUNNING`, which nobody touches, while it changes too fast to be seen."""
        for stage in list(Stage) * LOOKS:
            if Path(token(self.folder, identifier, stage)).exists():
                return stage
        return Stage.RUNNING


def _facts(text: bytes) -> dict[str, Any]:
    """The facts of a record, the first word being the last; empty when its birth cannot be understood."""
    facts: dict[str, Any] = {}
    for line in text.splitlines():
        try:
            facts = {**json.loads(line), **facts}
        except (ValueError, TypeError):  # a disk was full, or the machine lost its power
            continue
    if not facts.keys() >= BIRTH:
        return {}
    return {name: fact for name, fact in facts.items() if name in FACTS}
