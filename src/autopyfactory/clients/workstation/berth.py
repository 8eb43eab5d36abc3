"""What a pilot of this machine has in the folder of pilots: its record, and the lock that proves it lives.

A record `<identifier>.json` is born locked and never renamed; facts are added to it line by line.
Beside it lies one empty file named for the stage, `<identifier>.idle`.  A stage changes by renaming that
file, which only one can do: a pilot that begins a job and a target that retires it cannot both succeed.
"""

import json
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from autopyfactory.clients import locks

RECORD = ".json"
DRAFT = ".draft"
HEARTBEAT = 10.0  # seconds between two signs of life


class Stage(StrEnum):
    """What a pilot is about."""

    PENDING = "pending"  # waits for free slots
    IDLE = "idle"  # looks for work
    RUNNING = "running"
    RETIRING = "retiring"  # was told to end
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Birth:
    """What is known of a pilot before it starts."""

    factory: str
    queue: str
    tag: str
    serial: int  # how many pilots this queue ever had, with this one
    cores: int
    submitted: float  # seconds since the epoch


def token(folder: str, identifier: str, stage: Stage) -> str:
    """The file whose presence says the stage of a pilot."""
    return f"{folder}/{identifier}.{stage}"


def move(folder: str, identifier: str, old: Stage, new: Stage) -> bool:
    """Change the stage of a pilot; `False` when it was not, or no longer, at the old one."""
    try:
        Path(token(folder, identifier, old)).rename(token(folder, identifier, new))
    except FileNotFoundError:
        return False
    return True


class Berth:
    """The place of one pilot, seen by itself."""

    def __init__(self, folder: str, identifier: str, birth: Birth) -> None:
        self.folder, self.identifier, self.birth = folder, identifier, birth
        self.stage = Stage.PENDING
        self._record = f"{folder}/{identifier}{RECORD}"
        self._lines = [asdict(birth)]
        self._beaten = time.monotonic()
        self._file = self._write()

    def move(self, new: Stage) -> bool:
        """Go on to another stage; `False` when the pilot was told to end instead."""
        if not move(self.folder, self.identifier, self.stage, new):
            self.restore()
            if not move(self.folder, self.identifier, self.stage, new):
                return False
        self.stage = new
        return True

    def is_retired(self) -> bool:
        """Whether the pilot was told to end."""
        return Path(token(self.folder, self.identifier, Stage.RETIRING)).exists()

    def begin(self) -> None:
        """Note that the waiting is over."""
        self._note({"began": time.time(), "began_monotonic": time.monotonic()})

    def end(self, reason: str) -> None:
        """Note that the pilot ends, and why."""
        self._note({"ended": time.time(), "reason": reason})
        for stage in Stage:
            if move(self.folder, self.identifier, stage, Stage.ENDED):
                break
        self.stage = Stage.ENDED

    def beat(self) -> None:
        """Give a sign of life."""
        self.restore()
        if time.monotonic() - self._beaten >= HEARTBEAT:
            os.utime(self._file)
            self._beaten = time.monotonic()

    def restore(self) -> None:
        """Write anew what somebody removed: a pilot that nobody sees would be started a second time."""
        if not Path(self._record).exists():
            lost, self._file = self._file, self._write()
            os.close(lost)
        if not Path(token(self.folder, self.identifier, self.stage)).exists() and not self.is_retired():
            Path(token(self.folder, self.identifier, self.stage)).touch(mode=0o600)

    def close(self) -> None:
        """Let go of the record, as the parent does whose child keeps it open."""
        os.close(self._file)

    def discard(self) -> None:
        """Remove the place of a pilot that never was."""
        for name in (self._record, token(self.folder, self.identifier, self.stage)):
            Path(name).unlink(missing_ok=True)
        self.close()

    def _note(self, facts: Mapping[str, Any]) -> None:
        self._lines.append(dict(facts))
        os.write(self._file, _line(facts))

    def _write(self) -> int:
        """Write record and stage, and lock the record before anybody can see it."""
        draft = f"{self.folder}/{self.identifier}{DRAFT}"
        Path(self.folder).mkdir(mode=0o700, parents=True, exist_ok=True)
        file = locks.open_locked(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND)
        if file is None:
            raise BlockingIOError(f"somebody locked the new file {draft}")
        try:
            os.write(file, b"".join(_line(facts) for facts in self._lines))
            Path(token(self.folder, self.identifier, self.stage)).touch(mode=0o600)
            Path(draft).rename(self._record)
        except OSError:
            os.close(file)
            with suppress(OSError):
                Path(draft).unlink()
            raise
        return file


def _line(facts: Mapping[str, Any]) -> bytes:
    return json.dumps(facts).encode() + b"\n"
