"""`apf plan`: what a new configuration would change, and which numbers the next cycles would come to."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from autopyfactory.app.alteration import Alteration, Change, Kind, alterations, compare
from autopyfactory.app.assembly.definition import describe_section
from autopyfactory.app.assembly.recipes import Recipe
from autopyfactory.app.assembly.words import number
from autopyfactory.app.catalog.catalogs import read_whole
from autopyfactory.app.commands.output import emit, say
from autopyfactory.app.foretelling import Foretold, Pair
from autopyfactory.app.restored import ELSEWHERE
from autopyfactory.app.running import Running, find_running
from autopyfactory.model import Report
from autopyfactory.plan import Plan
from autopyfactory.render import as_data as report_data
from autopyfactory.render import changes, verdict

SAME, DIFFERENT = 0, 3  # exit codes


def plan(config: Path, given: Path | None, state: Path | None, *, as_json: bool) -> int:
    """Show what differs; 3 when anything does.  Sources and targets are asked, and none is changed."""
    tables = read_whole(config)
    running = find_running(config, given, state, tables)
    pair = Pair.make(running.tables, tables)
    settings = between(pair) if running.is_whole else []
    found = list(alterations(definitions(pair.before), definitions(pair.after)))
    troubles: Mapping[str, list[str]] = {}
    foretold: list[Foretold] = []
    if found:
        with pair.looking() as troubles:
            foretold = [pair.foretell(one) for one in found]
    if as_json:
        emit(as_data(running, pair, settings, foretold, troubles))
    else:
        tell(running, pair, settings, foretold, troubles)
    return DIFFERENT if found or settings else SAME


def definitions(plan: Plan) -> dict[str, str]:
    """As what every queue is configured."""
    return {name: queue.definition for name, queue in plan.queues.items()}


def between(pair: Pair) -> list[Change]:
    """What differs in [factory], credentials and monitors."""
    return list(compare(*(describe(plan) for plan in (pair.before, pair.after))))


def describe(plan: Plan) -> dict[str, Any]:
    """What no queue's definition holds."""
    found: dict[str, Any] = {"factory": plan.settings.model_dump(mode="json")}
    for entry, recipe in plan.recipes.items():
        if isinstance(recipe, Recipe) and entry[0] in ELSEWHERE:
            found[".".join(entry)] = describe_section(recipe)
    return found


def as_data(
    running: Running,
    pair: Pair,
    settings: Sequence[Change],
    foretold: Sequence[Foretold],
    troubles: Mapping[str, list[str]],
) -> dict[str, Any]:
    """For programs."""
    return {
        "running": running.origin,
        "same": not (foretold or settings),
        "problems": [asdict(problem) for problem in pair.problems],
        "trouble": dict(troubles),
        "settings": [change._asdict() for change in settings] if running.is_whole else None,
        "queues": [
            {
                "queue": one.alteration.queue,
                "kind": one.alteration.kind.value,
                "changes": [change._asdict() for change in one.alteration.changes],
                "before": None if one.before is None else report_data(one.before),
                "after": None if one.after is None else report_data(one.after),
            }
            for one in foretold
        ],
    }


def tell(
    running: Running,
    pair: Pair,
    settings: Sequence[Change],
    foretold: Sequence[Foretold],
    troubles: Mapping[str, list[str]],
) -> None:
    """For people: every queue with its keys, and the number of its next cycle."""
    say(f"compared with {running.origin}", "bold")
    if not running.is_whole:
        say("only queues are compared: a history keeps nothing else")
    for problem in pair.problems:
        say(f"wrong in what runs: {problem}", "yellow")
    for title, sentences in troubles.items():
        for sentence in sentences:
            say(f"{title}: {sentence}", "red")
    for change in settings:
        say(str(change))
    for one in foretold:
        tell_queue(one)
    kinds = Counter(one.alteration.kind for one in foretold)
    if foretold or settings:
        same = len(pair.after.queues) - kinds[Kind.ADDED] - kinds[Kind.CHANGED]
        counts = ", ".join(f"{kinds[kind]} {kind.value}" for kind in Kind)
        say(f"queues: {counts}, {same} the same; the guard was not asked")
    else:
        say(f"nothing differs: {number(len(pair.after.queues), 'queue')}")


def tell_queue(one: Foretold) -> None:
    """One queue."""
    say(title(one.alteration), "bold")
    for change in one.alteration.changes:
        say(f"  {change}")
    for word, report in (("now", one.before), ("then", one.after)):
        if report is not None:
            say(f"  {word}: {verdict(report)}{trail(report)}")


def title(alteration: Alteration) -> str:
    """Which queue, and what became of it."""
    return f"{alteration.queue}: {alteration.kind.value}"


def trail(report: Report) -> str:
    """The steps of its decision, where it has one that is not told by the verdict alone."""
    if report.decision is None or not report.decision.count:
        return ""
    return f" ({', '.join(str(change) for change in changes(report.decision))})"
