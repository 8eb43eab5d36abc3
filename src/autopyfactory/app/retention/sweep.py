"""One sweep through the tree of pilot logs: what the rules let go is removed, the oldest day first."""

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from autopyfactory.app.retention import tree
from autopyfactory.app.retention.rules import (
    DAY,
    OPEN,
    Keep,
    Papers,
    age,
    choose,
    may_fill,
    parse_day,
    pilot_of,
)

REMOVALS = 100_000  # files that one sweep removes at most
LOOKS = 5_000_000  # files that it looks at
BREATH = 1000  # files after which it lets others run
PAUSE = 0.002  # seconds


@dataclass(slots=True)
class Tally:
    """What a sweep did, and what it could not."""

    files: int = 0
    bytes: int = 0
    folders: int = 0
    looked: int = 0
    refused: int = 0
    reason: str = ""  # of the first refusal
    is_cut: bool = False  # whether a bound ended it: there may be more to do

    def refuse(self, error: OSError) -> None:
        """Count what cannot be read or removed; what has vanished is nobody's trouble."""
        if not isinstance(error, FileNotFoundError):
            self.refused += 1
            self.reason = self.reason or str(error)


class Sweep:
    """One sweep; `stopping` ends it at the next file."""

    def __init__(
        self, keep: Keep, now: float, stopping: threading.Event, removals: int = REMOVALS, looks: int = LOOKS
    ) -> None:
        self.tally = Tally()
        self._keep = keep
        self._now = now
        self._stopping = stopping
        self._removals = removals
        self._looks = looks
        self._excess = 0  # bytes

    def run(self, logs: Path) -> Tally:
        """Sweep this tree, if it is there."""
        try:
            with tree.open_top(logs) as top:
                self._sweep(top)
        except OSError as error:
            self.tally.refuse(error)
        return self.tally

    def _sweep(self, top: int) -> None:
        found = [(day, name) for name in tree.folders(top) if (day := parse_day(name)) is not None]
        days = sorted(found)
        if self._keep.bytes is not None:
            self._excess = sum(self._measure(top, name) for _, name in days) - self._keep.bytes
            self.tally.looked, self.tally.is_cut = 0, False  # what was not counted is newer, and too much
        for day, name in days:
            if age(day, self._now) >= 1 and not self._is_over():
                self._sweep_day(top, day, name)

    def _is_over(self) -> bool:
        return self.tally.is_cut or self._stopping.is_set()

    def _measure(self, top: int, day: str) -> int:
        """The bytes of a day; too few where something cannot be read, so that nothing goes for that."""
        try:
            with tree.open_folder(day, top) as there:
                return sum(self._measure_queue(there, queue) for queue in tree.folders(there))
        except OSError as error:
            self.tally.refuse(error)
        return 0

    def _measure_queue(self, there: int, queue: str) -> int:
        try:
            with tree.open_folder(queue, there) as folder:
                return sum(about.st_size for _, about in self._files(folder))
        except OSError as error:
            self.tally.refuse(error)
        return 0

    def _files(self, folder: int) -> Iterator[tuple[str, os.stat_result]]:
        for name, about in tree.files(folder):
            self.tally.looked += 1
            if self.tally.looked % BREATH == 0:
                self._stopping.wait(PAUSE)
            self.tally.is_cut = self.tally.is_cut or self.tally.looked > self._looks
            if self._is_over():
                return
            yield name, about

    def _sweep_day(self, top: int, day: date, name: str) -> None:
        try:
            with tree.open_folder(name, top) as there:
                for queue in tree.folders(there):
                    self._sweep_queue(there, day, queue)
            self._prune(name, top, day)
        except OSError as error:
            self.tally.refuse(error)

    def _sweep_queue(self, there: int, day: date, queue: str) -> None:
        expired = self._keep.is_expired(day, queue, self._now)
        try:
            if expired or self._excess > 0:
                with tree.open_folder(queue, there) as folder:
                    self._thin(folder, expired)
            self._prune(queue, there, day)
        except OSError as error:
            self.tally.refuse(error)

    def _thin(self, folder: int, expired: bool) -> None:
        """Remove what may go of one folder."""
        papers = self._papers(folder)
        if self._is_over():  # what was read may be a part of it
            return
        room = self._removals - self.tally.files
        chosen = choose(papers, expired=expired, excess=self._excess, room=room, now=self._now)
        for one in chosen:
            self._remove(folder, one)
        wanted = expired or self._excess > 0
        left = len(chosen) < sum(not one.may_run(self._now) for one in papers)
        self.tally.is_cut = wanted and left

    def _papers(self, folder: int) -> list[Papers]:
        """The files of a folder, by pilot; event logs are read only where that matters."""
        found: dict[str, list[tuple[str, os.stat_result]]] = {}
        for name, about in self._files(folder):
            found.setdefault(pilot_of(name), []).append((name, about))
        papers = []
        for pilot, files in found.items():
            written = max(about.st_mtime for _, about in files)
            events = f"{pilot}.log"
            has_events = any(name == events for name, _ in files)
            matters = has_events and DAY <= self._now - written < OPEN
            papers.append(
                Papers(
                    pilot=pilot,
                    files=tuple(name for name, _ in files),
                    size=sum(about.st_size for _, about in files),
                    written=written,
                    has_events=has_events,
                    has_ended=matters and tree.tells_end(events, folder),
                )
            )
        return papers

    def _remove(self, folder: int, papers: Papers) -> None:
        if self._stopping.is_set():
            return
        for name in papers.files:
            try:
                about = os.stat(name, dir_fd=folder, follow_symlinks=False)
                if about.st_mtime > papers.written:
                    return  # somebody has just written it: that pilot runs
                os.unlink(name, dir_fd=folder)
            except OSError as error:
                self.tally.refuse(error)
                continue
            self.tally.files += 1
            self.tally.bytes += about.st_size
            self._excess -= about.st_size

    def _prune(self, name: str, parent: int, day: date) -> None:
        """Remove an empty folder, once no pilot can write in it any more."""
        if not may_fill(day, self._now) and tree.remove_empty(name, parent):
            self.tally.folders += 1
