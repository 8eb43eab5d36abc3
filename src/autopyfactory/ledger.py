"""The ledger of acts without an answer: what may stand at a target though nobody said so.

An act is written down before it begins and struck out when its answer comes.  What is left over is
uncertain: its whole count stands in `pending` until its tag is found at the target, or until a
reading that begun `settle` seconds after the caller was surely dead lacks it.  With a folder, a journal lets
entries survive the death of the daemon, too; without its file nothing is lost but this caution.
"""

import contextlib
import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from autopyfactory.call import Call
from autopyfactory.journal import Journal, Record

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One act: `count` pilots of `queue` at `target`, submitted under `tag` or retired."""

    tag: str
    queue: str
    target: str
    count: int
    dead: float | None = None  # when its caller was surely dead (monotonic); None: it may still act
    lacked: float | None = None  # when the first reading after that began that did not have all of it


class Ledger:
    """All acts that have begun and have no answer, of all queues."""

    def __init__(self, folder: Path | None = None) -> None:
        self._journal = Journal(folder) if folder else None
        self._lock = threading.Lock()  # never held while the disk is waited for
        self._entries: dict[str, Entry] = {}
        self._doubtful: dict[str, Call[Any] | None] = {}

    def keep(self, folder: Path) -> None:
        """Write acts down in this folder from now on."""
        self._journal = Journal(folder)

    def load(self, now: float) -> None:
        """Take over what an earlier daemon left without an answer; its callers are dead."""
        left = [] if self._journal is None else self._journal.read()
        with self._lock:
            for tag, queue, target, count in left:
                self._entries[tag] = Entry(tag=tag, queue=queue, target=target, count=count, dead=now)
                self._doubtful[tag] = None

    def begin(self, entry: Entry) -> None:
        """Write an act down before it begins.  Called by who is about to act, for the disk may hang."""
        with self._lock:
            self._entries[entry.tag] = entry
        if self._journal is None:
            return
        try:
            self._journal.begin(Record(entry.tag, entry.queue, entry.target, entry.count))
        except OSError as error:
            log.warning("an act is not written down, which matters only if this daemon dies now: %s", error)

    def strike(self, tag: str, *, later: bool = False) -> None:
        """The act has its answer, or settled.  Called by workers of targets, as `begin`.

        With `later` the disk hears of it with the next act, or by `catch_up`.
        """
        with self._lock:
            self._entries.pop(tag, None)
            self._doubtful.pop(tag, None)
        if self._journal is not None:
            with contextlib.suppress(OSError):  # then it stands, with caution, until after the next start
                self._journal.strike(tag, later=later)

    def catch_up(self) -> None:
        """Let the disk hear of all that was struck.  Called as `strike`."""
        if self._journal is not None:
            with contextlib.suppress(OSError):
                self._journal.catch_up()

    def doubt(self, entry: Entry, call: Call[Any] | None, now: float) -> None:
        """The act ended without an answer; while `call` has not ended, its caller may still act."""
        is_over = call is None or call.ended is not None
        with self._lock:
            self._entries[entry.tag] = replace(entry, dead=now if is_over else None)
            self._doubtful[entry.tag] = call

    def open(self) -> list[Entry]:
        """The acts that have no answer: those under way and the uncertain ones."""
        with self._lock:
            return list(self._entries.values())

    def tags(self, target: str) -> list[str]:
        """The tags to look for at this target."""
        with self._lock:
            return [tag for tag in self._doubtful if self._entries[tag].target == target]

    def found(self, target: str, tags: Mapping[str, int], begun: float, settle: float) -> Mapping[str, int]:
        """A reading of `target` that began at `begun` found these; what remains uncertain, by queue."""
        remaining: dict[str, int] = {}
        over: list[str] = []
        with self._lock:
            for tag in [tag for tag in self._doubtful if self._entries[tag].target == target]:
                entry = self._bury(tag, begun)
                missing = entry.count - tags.get(tag, 0)
                settled = entry.lacked is not None and begun >= entry.lacked + settle
                if entry.dead is not None and (missing <= 0 or settled):
                    over.append(tag)
                else:
                    remaining[entry.queue] = remaining.get(entry.queue, 0) + max(missing, 0)
        for tag in over:
            self.strike(tag)
        return remaining

    def _bury(self, tag: str, begun: float) -> Entry:
        """The entry as it stands for a reading that began at `begun`."""
        call = self._doubtful[tag]
        entry = self._entries[tag]
        if entry.dead is None and call is not None and call.ended is not None:
            entry = replace(entry, dead=call.ended)
        if entry.dead is not None and entry.lacked is None and begun >= entry.dead:
            entry = replace(entry, lacked=begun)
        self._entries[tag] = entry
        return entry
