"""`apf check`: everything that is wrong with a configuration, and with the systems that it names."""

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path

from autopyfactory.app.assembly.assemble import Assembly, assemble
from autopyfactory.app.assembly.words import number
from autopyfactory.app.assembly.workshop import NO_SOURCE
from autopyfactory.app.catalog.catalogs import read_whole
from autopyfactory.app.commands.once import close
from autopyfactory.app.commands.output import emit, say
from autopyfactory.app.commands.survey import survey
from autopyfactory.app.premises import nobody, obstacles
from autopyfactory.configuration import Problem
from autopyfactory.errors import ConfigError, Unavailable
from autopyfactory.fleet import Fleet
from autopyfactory.ledger import Ledger
from autopyfactory.proofs import Proofs
from autopyfactory.sections import Process


def examine(config: Path, *, live: bool, as_json: bool) -> int:
    """Print all that is wrong; 2 when the configuration is, 1 when something it names is."""
    assembly = read(config)
    try:
        troubles = {**look(assembly), **(ask_all(assembly) if live else {})}
    finally:
        if assembly.plan is not None:
            close(assembly.plan)
    if as_json:
        emit(write(config, assembly, troubles))
    else:
        tell(config, assembly, troubles)
    if assembly.problems or assembly.plan is None:
        return 2
    return 1 if troubles else 0


def read(config: Path) -> Assembly:
    """What the configuration comes to; a file that cannot be read is a problem like any other."""
    process = Process(clock=time.monotonic, fleet=Fleet(), ledger=Ledger())
    try:
        assembly = assemble(read_whole(config), process)
    except ConfigError as error:
        lines = str(error).splitlines()
        problems = tuple(Problem(file="", section="", key="", text=line) for line in lines)
        return Assembly(plan=None, problems=problems)
    plan = assembly.plan
    if plan is None or plan.queues or assembly.problems:
        return assembly
    return replace(assembly, problems=(nobody(config, plan),))


def look(assembly: Assembly) -> Mapping[str, list[str]]:
    """What would keep this user from running it on this machine, and credentials that are of no use now."""
    if assembly.plan is None:
        return {}
    found = obstacles(assembly.plan)
    machine = {"this machine": found} if found else {}
    return machine | dict(refused(assembly.plan.credentials.values()))


def refused(credentials: Iterable[Proofs]) -> Iterator[tuple[str, list[str]]]:
    """Those that cannot be used, with the reason."""
    for credential in credentials:
        try:
            credential.read()
        except Unavailable as error:
            yield credential.title, [str(error).removeprefix(f"{credential.title}: ")]


def ask_all(assembly: Assembly) -> Mapping[str, list[str]]:
    """What is wrong with the sources and targets of what can be run."""
    return {} if assembly.plan is None else survey(assembly.plan, probe=True)


def write(config: Path, assembly: Assembly, troubles: Mapping[str, list[str]]) -> Mapping[str, object]:
    """The findings as data."""
    plan = assembly.plan
    return {
        "config": str(config),
        "fine": not (assembly.problems or troubles or plan is None),
        "problems": [asdict(problem) for problem in assembly.problems],
        "warnings": [asdict(warning) for warning in plan.warnings] if plan is not None else [],
        "trouble": dict(troubles),
        "queues": sorted(plan.queues) if plan is not None else [],
        "disabled": sorted(plan.disabled) if plan is not None else [],
    }


def tell(config: Path, assembly: Assembly, troubles: Mapping[str, list[str]]) -> None:
    """The findings as sentences, and a count at the end."""
    plan = assembly.plan
    for problem in assembly.problems:
        say(str(problem), "red")
    for warning in plan.warnings if plan is not None else ():
        say(f"warning: {warning}", "yellow")
    for title, sentences in troubles.items():
        for sentence in sentences:
            say(f"{title}: {sentence}", "red")
    if assembly.problems:
        say(f"{config}: {len(assembly.problems)} to mend")
    elif plan is not None:
        off = f" ({len(plan.disabled)} more disabled)" if plan.disabled else ""
        queues, sources = (
            number(len(plan.queues), "queue"),
            number(len(plan.sources.keys() - {NO_SOURCE}), "source"),
        )
        targets = number(len(plan.targets), "target")
        proofs = f", {number(len(plan.credentials), 'credential')}" if plan.credentials else ""
        say(f"{config}: {queues}{off}, {sources}, {targets}{proofs}")
