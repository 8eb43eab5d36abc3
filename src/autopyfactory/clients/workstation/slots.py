"""Slots of one machine: so many pilots' cores may be busy at once, and the others wait their turn."""

import os
from pathlib import Path

from autopyfactory.clients import locks

FOLDER = "slots"  # in the folder of pilots


class Slots:
    """A pilot's way to its slots, each of which is a lock that it keeps until it ends.

    One pilot at a time collects, at the head of the line; so one that needs many is not overtaken for
    ever, and no two wait for each other's.
    """

    def __init__(self, folder: str, total: int, wanted: int) -> None:
        self._folder, self._total, self._wanted = f"{folder}/{FOLDER}", total, wanted
        self._line: int | None = None
        self._held: dict[int, int] = {}

    def __str__(self) -> str:
        return f"{self._wanted} of {self._total} slots"

    def take(self) -> bool:
        """Take what is free, at once; whether these are all the slots that one wanted."""
        Path(self._folder).mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._line is None:
            self._line = locks.open_locked(f"{self._folder}/line")
        if self._line is None:
            return False
        for number in range(self._total):
            if len(self._held) < self._wanted and number not in self._held:
                self._try(number)
        if len(self._held) < self._wanted:
            return False
        os.close(self._line)
        self._line = None
        return True

    def _try(self, number: int) -> None:
        lock = locks.open_locked(f"{self._folder}/{number}")
        if lock is not None:
            self._held[number] = lock

    def close(self) -> None:
        """Give up all slots, and the place in the line."""
        for file in (*self._held.values(), *([] if self._line is None else [self._line])):
            os.close(file)
        self._held, self._line = {}, None
