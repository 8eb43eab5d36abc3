"""A configuration as it was read, with the files in which each table stands, and what is wrong with it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Entry = tuple[str, ...]  # ("queue", "SITE_A"), ("defaults", "interval"); ("id",) for what is in no table


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing to mend; `str` is the line that operators read."""

    file: str
    section: str  # "queue.SITE_A"; empty: none
    key: str  # "policies[2].limit"; empty: the whole section
    text: str

    def __str__(self) -> str:
        file = f"{self.file}: " if self.file else ""
        place = " ".join(part for part in (f"[{self.section}]" if self.section else "", self.key) if part)
        return f"{file}{place}: {self.text}" if place else f"{file}{self.text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration(Mapping[str, Any]):
    """Tables that know where they come from.  Of an entry that stands in two files the first is kept."""

    tables: Mapping[str, Any]
    files: Mapping[Entry, tuple[str, ...]] = field(default_factory=dict)
    name: str = ""  # where it was read: what messages name that are about no entry
    folder: Path | None = None  # what relative paths in it are relative to
    problems: tuple[Problem, ...] = ()  # found while it was read
    written: "Configuration | None" = None  # the same as operators wrote it, where catalogues added queues

    @classmethod
    def of(cls, tables: Mapping[str, Any]) -> "Configuration":
        """The same, of any source of configuration."""
        return tables if isinstance(tables, Configuration) else cls(tables=tables)

    @classmethod
    def join(
        cls, parts: Iterable[tuple[str, Mapping[str, Any]]], *, name: str, folder: Path
    ) -> "Configuration":
        """Files and what they hold, put together entry by entry."""
        tables: dict[str, Any] = {}
        files: dict[Entry, tuple[str, ...]] = {}
        for file, top, key, value in entries(parts):
            place = tables.setdefault(top, {}) if key else tables
            entry = (top, key) if key else (top,)
            files[entry] = (*files.get(entry, ()), file)
            if isinstance(place, dict):
                place.setdefault(key or top, value)
        return cls(tables=tables, files=files, name=name, folder=folder)

    def __getitem__(self, key: str) -> Any:
        return self.tables[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.tables)

    def __len__(self) -> int:
        return len(self.tables)

    def file(self, *entry: str) -> str:
        """The file of an entry, or of the nearest table around it."""
        around = (self.files.get(entry[:length]) for length in range(len(entry), 0, -1))
        first = next((files[0] for files in around if files), None)
        if first is None:  # a table without an entry of its own stands where its first entry does
            first = next((files[0] for found, files in self.files.items() if found[:1] == entry[:1]), None)
        return self.name if first is None else first

    def doubles(self) -> Mapping[Entry, tuple[str, ...]]:
        """Entries that stand in more than one file."""
        twice = {entry: files for entry, files in self.files.items() if len(files) > 1}
        return {entry: files for entry, files in twice.items() if self._holds(entry)}

    def _holds(self, entry: Entry) -> bool:
        """Whether something stands in it; the bare title `[queue]` may be repeated."""
        return len(entry) > 1 or not isinstance(self.tables.get(entry[0]), dict)


def entries(parts: Iterable[tuple[str, Mapping[str, Any]]]) -> Iterator[tuple[str, str, str, Any]]:
    """File, table, key and value of every entry; without a key what is no table, or an empty one."""
    for file, tables in parts:
        for top, value in tables.items():
            if isinstance(value, dict) and value:
                yield from ((file, top, key, inner) for key, inner in value.items())
            else:
                yield file, top, "", value


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of one place of a catalogue: a queue, or nothing, and why."""

    record: str  # the entry of the catalogue
    place: str = ""  # within it; empty: the whole entry
    queue: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """What a catalogue gives: tables of queues, as if written by hand, and a verdict on every entry."""

    queues: Mapping[str, Mapping[str, Any]]
    verdicts: tuple[Verdict, ...]
