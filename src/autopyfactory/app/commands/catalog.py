"""`apf catalog`: what is made of the catalogues that a configuration names."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from autopyfactory.app.assembly.assemble import Assembly, assemble
from autopyfactory.app.assembly.words import number
from autopyfactory.app.catalog.catalogs import Catalogs
from autopyfactory.app.catalog.reading import Reading
from autopyfactory.app.commands.once import close
from autopyfactory.app.commands.output import emit, say, table
from autopyfactory.configs.toml import TomlConfig
from autopyfactory.configuration import Extract, Verdict
from autopyfactory.errors import ConfigError
from autopyfactory.fleet import Fleet
from autopyfactory.ledger import Ledger
from autopyfactory.sections import Process

SIGNS = {"new": "+", "gone": "-", "changed": "~"}


def show_catalogs(config: Path, *, diff: bool, accept: bool, as_json: bool) -> int:
    """Print what became of every entry, or what changed, and judge it.

    2: the configuration is wrong, or a queue that comes of an entry; 1: a catalogue is; 0 also where entries
    were left out.  `accept` keeps what the catalogues say now as the copy that is believed.
    """
    process = Process(clock=time.monotonic, fleet=Fleet(), ledger=Ledger())
    catalogs = Catalogs(process, accept=accept)
    configuration = catalogs.furnish(TomlConfig(config).read())
    if not configuration.get("catalog"):
        raise ConfigError(f"{config}: there is no catalogue; add a section [catalog.NAME]")
    assembly = assemble(configuration, process)
    if assembly.plan is not None:
        close(assembly.plan)
    readings = catalogs.readings.values()
    if accept:
        catalogs.keep()
    if as_json:
        emit({"config": str(config), "catalogs": [write(reading, assembly) for reading in readings]})
    else:
        for reading in readings:
            tell_changes(reading) if diff else tell(reading, assembly)
            tell_end(reading, accept=accept)
    wrong = [problem for problem in assembly.problems if problem.section.split(".")[0] != "queue"]
    for problem in () if as_json else wrong:
        say(str(problem), "red")
    if wrong or assembly.plan is None or any(count_wrong(newest(one), assembly) for one in readings):
        return 2
    return 1 if any(reading.trouble for reading in readings) else 0


def write(reading: Reading, assembly: Assembly) -> Mapping[str, Any]:
    """One catalogue as data."""
    extract = newest(reading)
    return {
        "name": reading.name,
        "trouble": reading.trouble,
        "entries": [asdict(verdict) for verdict in judge(extract, assembly)],
        "queues": extract.queues,
        "changes": {name: {"what": what, "keys": keys} for name, what, keys in changes(reading)},
    }


def tell(reading: Reading, assembly: Assembly) -> None:
    """A line for every entry, or place in it."""
    verdicts = list(judge(newest(reading), assembly))
    rows = [
        (one.record, one.place, one.queue if not one.reason else f"{one.queue or '-'}: {one.reason}")
        for one in verdicts
    ]
    table(["entry", "place", "queue, or why there is none"], rows)
    entries = {one.record for one in verdicts}
    useful = {one.record for one in verdicts if one.queue}
    made = len(newest(reading).queues)
    said = f"{number(made, 'queue')} from {len(useful)} of {number(len(entries), 'entry')}"
    wrong = count_wrong(newest(reading), assembly)
    end = f", {wrong} of the queues wrong" if wrong else ""
    say(f"catalog {reading.name}: {said.replace('entrys', 'entries')}{end}")


def tell_changes(reading: Reading) -> None:
    """A line for every queue that is not as in the copy that is believed."""
    if reading.before is None:
        say(f"catalog {reading.name}: there is no earlier reading to compare with")
        return
    found = list(changes(reading))
    for name, what, keys in found:
        say(f"{SIGNS[what]} {name}" + (f": {', '.join(keys)}" if keys else ""))
    counts = {what: sum(1 for _, one, _ in found if one == what) for what in SIGNS}
    say(f"catalog {reading.name}: " + ", ".join(f"{count} {what}" for what, count in counts.items()))


def tell_end(reading: Reading, *, accept: bool) -> None:
    """What is in force, and why."""
    if reading.trouble:
        say(f"catalog {reading.name}: {reading.trouble}", "red")
    elif accept:
        say(f"catalog {reading.name}: believed from now on; a running daemon takes it by `apf reload CONFIG`")


def newest(reading: Reading) -> Extract:
    """What the catalogue says now, else what is in force."""
    return reading.seen or reading.extract or Extract(queues={}, verdicts=())


def judge(extract: Extract, assembly: Assembly) -> Iterator[Verdict]:
    """Every verdict, also on queues that were made and cannot be run."""
    failed = {} if assembly.plan is None else assembly.plan.failed
    for one in extract.verdicts:
        problems = failed[one.queue].problems if one.queue in failed else ()
        reason = "; ".join(": ".join(filter(None, (problem.key, problem.text))) for problem in problems)
        yield Verdict(record=one.record, place=one.place, queue=one.queue, reason=one.reason or reason)


def count_wrong(extract: Extract, assembly: Assembly) -> int:
    """How many of its queues cannot be run as they came out."""
    return sum(1 for one in judge(extract, assembly) if one.queue and one.reason)


def changes(reading: Reading) -> Iterator[tuple[str, str, list[str]]]:
    """Name, what became of it, and the keys that changed, of every queue that is not as it was."""
    before = {} if reading.before is None else reading.before.queues
    now = newest(reading).queues
    for name in sorted({*before, *now}):
        if name not in before:
            yield name, "new", []
        elif name not in now:
            yield name, "gone", []
        elif before[name] != now[name]:
            old, new = dict(flatten(before[name])), dict(flatten(now[name]))
            yield name, "changed", sorted(key for key in {*old, *new} if old.get(key) != new.get(key))


def flatten(tables: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every value of nested tables by its path, 'pilot.grid.host'."""
    for key, value in tables.items():
        if isinstance(value, Mapping):
            yield from flatten(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
