"""From a configuration to a plan: every problem found in one pass, and what is right is run."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from autopyfactory.app.assembly import words
from autopyfactory.app.assembly.doubts import doubt, doubt_unused
from autopyfactory.app.assembly.forms import DEFAULTS, Forms
from autopyfactory.app.assembly.problems import Findings
from autopyfactory.app.assembly.queues import Draft
from autopyfactory.app.assembly.recipes import Recipes, names
from autopyfactory.app.assembly.settings import SECTION, read_settings
from autopyfactory.app.assembly.siblings import introduce
from autopyfactory.app.assembly.tables import KEYS
from autopyfactory.app.assembly.workshop import Workshop
from autopyfactory.configuration import Configuration, Entry, Problem
from autopyfactory.cycle import Queue
from autopyfactory.options import FOREVER
from autopyfactory.plan import FactorySettings, Plan
from autopyfactory.sections import Process

TABLES = ("factory", "source", "target", "credential", "catalog", "monitor", "defaults", "template", "queue")
DEEPEST = 32  # tables and lists within one another
UNNAMED = FactorySettings(
    id="unnamed"
)  # stands in where [factory] is wrong, so that all else is still checked


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembly:
    """What a configuration comes to; `plan` is None only where `[factory]` itself is unusable."""

    plan: Plan | None
    problems: tuple[Problem, ...]


def assemble(tables: Mapping[str, Any], process: Process, previous: Plan | None = None) -> Assembly:
    """Make a plan of what was read.

    A section that is made of the same as in `previous` is taken over from it, so that a queue in
    which nothing changed is equal to what it was.  Nothing outside of this process is touched.
    """
    findings = Findings(Configuration.of(tables))
    if is_deep(tables):
        findings.add((), (), f"tables and lists are nested more than {DEEPEST} deep")
        return Assembly(plan=None, problems=tuple(findings))
    for problem in findings.configuration.problems:
        findings.note(problem)
    faults = look_at_whole(findings)
    settings = read_settings(findings)
    workshop = Workshop(Recipes(findings, settings or UNNAMED, faults), process, previous)
    workshop.make_all()
    forms = Forms(findings, faults)
    forms.read_all()
    drafts = {name: Draft(name, forms, workshop) for name in names(findings.configuration, "queue")}
    made = {name: draft.make() for name, draft in drafts.items() if draft.table.enabled}
    if settings is None or SECTION in faults:
        return Assembly(plan=None, problems=tuple(findings))
    queues = introduce({name: queue for name, queue in made.items() if queue is not None})
    plan = Plan(
        settings=settings,
        queues=queues,
        failed={name: drafts[name].failure() for name, queue in made.items() if queue is None},
        disabled=tuple(name for name, draft in drafts.items() if not draft.table.enabled),
        sources=workshop.sources,
        targets=workshop.targets,
        credentials=workshop.credentials,
        monitors=workshop.monitors,
        catalogs=workshop.catalogs,
        configuration=findings.configuration,
        keep_days=dict(keeping(drafts)),
        warnings=warn(findings, workshop, drafts.values(), queues),
        recipes=workshop.recipes.written,
    )
    return Assembly(plan=plan, problems=tuple(findings))


def warn(
    findings: Findings, workshop: Workshop, drafts: Collection[Draft], queues: Mapping[str, Queue]
) -> tuple[Problem, ...]:
    """What is odd and yet right."""
    doubts = Findings(findings.configuration)
    doubt(doubts, queues.values())
    if not any(findings):  # else a misspelt word may be what uses a section
        doubt_unused(doubts, workshop, {entry for draft in drafts for entry in used(draft)})
    return tuple(doubts)


def keeping(drafts: Mapping[str, Draft]) -> Iterator[tuple[str, int]]:
    """Days for the logs of queues that say so; where anything is wrong, nothing is thrown away."""
    for name, draft in drafts.items():
        days = FOREVER if draft.problems else draft.table.keep_days
        if days is not None:
            yield name, days


def used(draft: Draft) -> Iterator[Entry]:
    """The sections that a queue names, itself or through its templates."""
    yield "source", draft.table.source or ""
    yield "target", draft.table.target or ""
    yield from (("credential", name) for name in draft.table.credentials)
    yield from (("template", name) for name in draft.templates)


def look_at_whole(findings: Findings) -> dict[Entry, tuple[Problem, ...]]:
    """Faults of whole sections: wrong titles, and what two files define."""
    faults: dict[Entry, tuple[Problem, ...]] = {}
    for key, value in findings.configuration.items():
        if key not in TABLES:
            findings.add((key,), (), f"no section is called so; {words.missed(key, TABLES)}")
        elif not isinstance(value, Mapping) and key != "factory":
            faults[(key,)] = (findings.add((key,), (), f"must be a table; found {words.show(value)}"),)
    for entry, files in findings.configuration.doubles().items():
        problem = findings.add(entry, (), f"stands in {' and in '.join(files)}; keep one")
        owner = owner_of(entry)
        faults[owner] = (*faults.get(owner, ()), problem)
    return faults


def owner_of(entry: Entry) -> Entry:
    """The section to which an entry belongs: `factory.id` to [factory], `defaults.interval` to [defaults]."""
    if entry[0] == SECTION[0] or (entry[0] == DEFAULTS[0] and entry[-1] in KEYS):
        return entry[:1]
    return entry


def is_deep(value: Any) -> bool:
    """Whether tables and lists are nested so deeply that nobody can have meant it."""
    layer: list[Any] = [value]
    for _ in range(DEEPEST):
        inner = [part for whole in layer for part in parts(whole)]
        if not inner:
            return False
        layer = inner
    return True


def parts(value: Any) -> Collection[Any]:
    """What is directly within a table or list."""
    if isinstance(value, Mapping):
        return value.values()
    return value if isinstance(value, list | tuple) else ()
