"""The journal of the ledger: one file that says which acts are open, whatever becomes of the daemon.

A record is appended when an act is about to begin, a list, and when it is over, its tag alone.  Each begins
with a newline, so that one which is only half there spoils none behind it: its act has not begun, or
it still counts as open, which is caution.
"""

import contextlib
import json
import logging
import os
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

log = logging.getLogger(__name__)

NAME = "acts.jsonl"
SMALL = 16 * 1024  # bytes; a file that says of no act that it is open is emptied when it has more
LARGE = 256 * 1024  # bytes; so much may be appended to the open acts before the file is written anew


class Record(NamedTuple):
    """An act that begins."""

    tag: str
    queue: str
    target: str
    pilots: int


class Journal:
    """Written by the workers of all targets; who writes may wait for the disk, and for others who do."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._lock = threading.Lock()
        self._open: dict[str, bytes] = {}  # the records of open acts, by tag
        self._struck: list[bytes] = []  # records of acts that are over, yet to be written
        self._file = -1  # its descriptor; opened at the first record
        self._size = 0  # bytes, of records that were taken whole
        self._limit = LARGE

    def __del__(self) -> None:
        """A daemon writes to its end; others let go of the file with the journal."""
        self._close()

    def read(self) -> list[Record]:
        """The acts that an earlier process left open; the file is written anew with them, if it can be."""
        former = list(self._path.parent.glob("*.json"))  # a file for each act, as earlier versions made them
        standing = replay([*former, self._path])
        with self._lock:
            self._open.update((record.tag, begun(record)) for record in standing)
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._renew()
                for path in former:
                    path.unlink()
            except OSError as error:
                log.warning("the journal of acts is not written anew: %s", error)
        return standing

    def begin(self, record: Record) -> None:
        """An act is about to begin.  Raises `OSError` when the disk does not take it whole."""
        line = begun(record)
        with self._lock:
            try:
                self._append(line)
            finally:  # what was not taken now may be with the next record
                self._open[record.tag] = line

    def strike(self, tag: str, *, later: bool = False) -> None:
        """The act of this tag is over; `later` leaves it to the next record, or to `catch_up`, to say so.

        Raises `OSError` when the disk does not take it.
        """
        with self._lock:
            self._open.pop(tag, None)
            self._struck.append(b"\n" + json.dumps(tag).encode())
        if not later:
            self.catch_up()

    def catch_up(self) -> None:
        """Write which acts are over.  Raises `OSError` when the disk does not take it."""
        with self._lock:
            if not self._struck:
                return
            if self._size > (self._limit if self._open else SMALL):
                with contextlib.suppress(OSError):  # no room for all may still be room for these
                    self._renew()
                    return
            self._append(b"")

    def _append(self, line: bytes) -> None:
        """Append a record behind those of acts that are over; what fails is not tried again.

        In a file that is opened anew all open acts come first, whatever it has.
        """
        struck, self._struck = self._struck, []
        if self._file >= 0 and not os.fstat(self._file).st_nlink:  # somebody removed it
            self._close()
        if self._file < 0:
            self._file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            self._size = os.fstat(self._file).st_size
            line = b"".join([*self._open.values(), line])
        line = b"".join([*struck, line])
        try:
            write(self._file, line)
        except OSError:
            self._close()
            raise
        self._size += len(line)

    def _renew(self) -> None:
        """Let the file have nothing but the open acts, or raise `OSError` and leave it as it is."""
        self._limit = self._size + LARGE  # when this fails, not again for a while
        content = b"".join(self._open.values())
        if not content and self._file >= 0:
            os.ftruncate(self._file, 0)
        else:
            file = replace(self._path, content)
            self._close()
            self._file = file
        self._size, self._limit = len(content), len(content) + LARGE
        self._struck.clear()

    def _close(self) -> None:
        file, self._file, self._size = self._file, -1, 0
        if file >= 0:
            with contextlib.suppress(OSError):  # it is closed all the same
                os.close(file)


def begun(record: Record) -> bytes:
    """How it stands in the file that an act is about to begin."""
    return b"\n" + json.dumps(record).encode()


def replay(paths: Iterable[Path]) -> list[Record]:
    """The acts that are open after all these files, one after another; what cannot be read is named."""
    standing: dict[str, Record] = {}
    for path in paths:
        for line in lines(path):
            try:
                follow(standing, line)
            except (ValueError, RecursionError) as error:
                log.warning("a line of %s cannot be read and is forgotten: %s", path, error)
    return list(standing.values())


def lines(path: Path) -> list[bytes]:
    """What is written in a file, which need not be there."""
    try:
        return [line for line in path.read_bytes().split(b"\n") if line]
    except FileNotFoundError:
        return []
    except OSError as error:
        log.warning("%s cannot be read, and its acts are forgotten: %s", path, error)
        return []


def follow(standing: dict[str, Record], line: bytes) -> None:
    """Let one line come after others that left these acts open; `ValueError` when it is none of ours."""
    match json.loads(line):
        case str(tag):
            standing.pop(tag, None)
        case [str(tag), str(queue), str(target), int(pilots)] | {
            "tag": str(tag),
            "queue": str(queue),
            "target": str(target),
            "count": int(pilots),
        }:
            standing[tag] = Record(tag, queue, target, pilots)
        case _:
            raise ValueError(f"it says {line[:80]!r}")


def replace(path: Path, content: bytes) -> int:
    """Put a new file in the place of what is there, whole or not at all; its descriptor, for appending."""
    draft = path.with_suffix(".draft")
    file = os.open(draft, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_TRUNC, 0o600)
    with contextlib.ExitStack() as undo:
        undo.callback(os.close, file)
        undo.callback(draft.unlink)
        write(file, content)
        os.fsync(file)
        draft.replace(path)
        undo.pop_all()
    return file


def write(file: int, content: bytes) -> None:
    """Write all of it; a disk that becomes full takes a part before it raises `OSError`."""
    while content:
        content = content[os.write(file, content) :]
