"""How jobs ended, kept from reading to reading: bounded, the newest last, each job once."""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

T = TypeVar("T")

LOOK_BACK = 6 * 3600.0  # seconds; older ones are forgotten
RECORDS = 200  # per key
WINDOW = 3600.0  # seconds for which those are counted that never ran


class Row(NamedTuple, Generic[T]):
    """One ended job, in the order of the ends."""

    end: float
    identifier: str
    record: T


class Chronicle(Generic[T]):
    """Records by key.  `make(end, run_time, reason, identifier)` makes one.

    `ignored` begins reasons of no interest.

    The cursor lies here, not in the child, so that a child may die and nothing is lost or told twice.
    """

    def __init__(self, make: Callable[[float, float, str, str], T], ignored: str) -> None:
        self.cursor = ""
        self._make = make
        self._ignored = ignored
        self._rows: dict[str, list[Row[T]]] = {}
        self._told: dict[str, tuple[T, ...]] = {}
        self._unborn: dict[str, deque[tuple[float, str, int]]] = {}

    def add(self, answer: Mapping[str, Any], clock: float) -> None:
        """Take up one reading of `History`."""
        self.cursor = answer["cursor"]
        fresh: dict[str, list[Row[T]]] = {}
        for key, identifier, end, run_time, reason in answer["rows"]:
            if not reason.startswith(self._ignored):
                record = self._make(end, run_time, reason, identifier)
                fresh.setdefault(key, []).append(Row(end, identifier, record))
        for key, rows in fresh.items():
            self._keep(key, [*self._rows.get(key, []), *rows])
        for key, counts in answer["unborn"].items():
            found = [(clock, *told) for told in counts.items() if not told[0].startswith(self._ignored)]
            self._unborn.setdefault(key, deque()).extend(found)

    def of(self, key: str, clock: float) -> tuple[T, ...]:
        """The records of `key`, none older than `LOOK_BACK`."""
        rows: Sequence[Row[T]] = self._rows.get(key, [])
        if rows and rows[0].end < clock - LOOK_BACK:
            self._keep(key, [row for row in rows if row.end >= clock - LOOK_BACK])
        return self._told.get(key, ())

    def unborn(self, key: str, clock: float) -> Counter[str]:
        """How many were removed within `WINDOW` without ever having run, by reason."""
        counts: Counter[str] = Counter()
        found = self._unborn.get(key)
        if not found:
            return counts
        while found and found[0][0] < clock - WINDOW:
            found.popleft()
        for _, reason, count in found:
            counts[reason] += count
        return counts

    def _keep(self, key: str, rows: Iterable[Row[T]]) -> None:
        once = {(row.end, row.identifier): row for row in rows}
        self._rows[key] = [once[place] for place in sorted(once)][-RECORDS:]
        self._told[key] = tuple(row.record for row in self._rows[key])
