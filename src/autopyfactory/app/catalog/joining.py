"""Joining: queues of catalogues put beside those written by hand, and what is wrong with that."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from autopyfactory.app.assembly.layers import Layer, lay
from autopyfactory.app.assembly.problems import Findings, write_section
from autopyfactory.app.assembly.recipes import names
from autopyfactory.app.assembly.tables import KEYS
from autopyfactory.app.assembly.validation import unknown_key
from autopyfactory.app.catalog.reading import Reading
from autopyfactory.configuration import Configuration, Entry


def join(written: Configuration, readings: Iterable[Reading], problems: Findings) -> Configuration:
    """The configuration with all queues.  What is written by hand lies over what catalogues say.

    Of two catalogues that give a queue of one name the first has it, which is a problem of the other.
    """
    by_hand = written.get("queue", {})
    if not isinstance(by_hand, Mapping):
        return written  # which is a problem that is found later
    queues: dict[str, Any] = {}
    files: dict[Entry, tuple[str, ...]] = {}
    for reading in readings:
        entry = ("catalog", reading.name)
        if reading.extract is None:
            problems.add(entry, (), f"gives no queue: {reading.trouble}")
            continue
        found = reading.extract.queues
        if double := sorted(queues.keys() & found.keys()):
            problems.add(entry, (), f"{len(double)} of its queues another catalogue gives, too: {double[0]}")
        for name, table in found.items():
            if name not in queues:
                queues[name] = lay_over(name, table, by_hand.get(name))
                files |= files_of(name, table, by_hand.get(name), f"[{write_section(entry)}]")
    return replace(
        written,
        tables={**written.tables, "queue": {**queues, **rest(by_hand, queues)}},
        files={**files, **written.files},
        problems=(*written.problems, *problems),
        written=written,
    )


def lay_over(name: str, table: Mapping[str, Any], by_hand: Any) -> Any:
    """The table of a queue with what is written by hand on top; what is no table stands alone."""
    if by_hand is None:
        return table
    if not isinstance(by_hand, Mapping):
        return by_hand
    entry = ("queue", name)
    return lay([Layer(entry, table), Layer(entry, by_hand)]).table


def files_of(name: str, table: Mapping[str, Any], by_hand: Any, source: str) -> dict[Entry, tuple[str, ...]]:
    """Where the keys of a queue stand that only its catalogue says."""
    if not isinstance(by_hand, Mapping):
        return {("queue", name): (source,)}
    return {("queue", name, key): (source,) for key in table.keys() - by_hand.keys()}


def rest(by_hand: Mapping[str, Any], queues: Mapping[str, Any]) -> dict[str, Any]:
    """The queues that no catalogue gives."""
    return {name: table for name, table in by_hand.items() if name not in queues}


def find_unread(problems: Findings, findings: Findings, made: Collection[str]) -> None:
    """Note the catalogues that were not asked, where nothing else is said of their sections."""
    told = {problem.section for problem in findings}
    for name in names(findings.configuration, "catalog"):
        entry = ("catalog", name)
        if name not in made and write_section(entry) not in told:
            problems.add(entry, (), "gives no queue: a section that it names is wrong")


def find_slips(problems: Findings) -> None:
    """Note unknown keys of templates once, and not for every queue that is made of them."""
    for name in names(problems.configuration, "catalog"):
        section = problems.configuration["catalog"][name]
        templates = section.get("template") if isinstance(section, Mapping) else None
        for kind, table in templates.items() if isinstance(templates, Mapping) else ():
            for key in table.keys() - KEYS if isinstance(table, Mapping) else ():
                problems.add(("catalog", name), ("template", kind, key), unknown_key(key, sorted(KEYS)))
