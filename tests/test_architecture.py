"""The shape of the package, kept by a machine: the direction of imports, sizes, and the few exceptions.

When a test here fails, its message says what to mend.  The tables are meant to be edited, with a reason,
and every change of them is read with care.
"""

import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

import habits
import shape
from shape import Source

ROOT = Path(__file__).parent.parent
SOURCES = shape.read(ROOT / "src" / "autopyfactory")
PATHS = [source.path for source in SOURCES]

# ---- the tables

PLUGINS = ("policies", "sources", "targets", "credentials", "catalogs", "configs", "monitors")
LAYERS = (  # from the lowest up: a file imports only from layers below its own
    {"facts", "garbage"},
    {"", "__version__", "clock", "configuration", "errors", "fairness", "fields", "steady", "view"},
    {"downtime"},
    {"limits"},
    {"options", "breaker", "budget"},
    {"model"},
    {"ports", "rule", "call", "journal", "clients"},
    {"worker"},
    {"shared", "fleet", "ledger", "outlet", "history"},
    {"render", "perform"},
    {*PLUGINS, "cut", "decide", "sections"},
    {"proofs"},
    {"act", "course", "guard"},
    {"cycle"},
    {"plan", "retirement", "turns"},
    {"factory"},
    {"app"},
    {"testing"},  # the kit for authors of plug-ins: for tests, so that nobody imports it
)
CORE = {part for layer in LAYERS for part in layer} - {*PLUGINS, "clients", "app", "testing"}
PLAIN = {"", "__version__", "errors", "fields", "options"}
WORDS = {*CORE, *PLUGINS, "app"} - PLAIN  # what clients do not know
PURE = {  # all that a rule needs of other people's libraries
    *("collections", "dataclasses", "datetime", "enum", "fractions", "math", "pydantic", "typing"),
}
LINES = {"cycle.py": 120}  # the file a newcomer reads first; all others: 250

# Where everything is caught, (file, function), and what is made of it: a report or a failure.
BROAD = {
    ("app/assembly/doubts.py", "find_stop"): "assembly: a stranger's policy fails; a warning",
    ("app/assembly/queues.py", "Draft._check"): "assembly: a stranger's check of options fails; a problem",
    ("app/assembly/workshop.py", "Workshop._new"): "assembly: a stranger's plug-in cannot be made; a problem",
    ("app/control.py", "ControlSocket._answer"): "a request: its error is the answer, and the daemon goes on",
    ("app/catalog/reading.py", "ask"): "a catalogue: what a stranger's does wrong; the last copy serves",
    ("app/registry.py", "load"): "assembly: whatever a stranger's plug-in does when it is imported",
    (
        "app/assembly/validation.py",
        "check",
    ): "assembly: whatever a stranger's validator does with its options",
    ("app/relief.py", "count_of"): "an explanation: a stranger's policy fails; its limit cannot be tried",
    ("app/replay/ruling.py", "Ruling.number"): "a replay: a stranger's policy fails; nothing is decided",
    ("app/replay/ruling.py", "Ruling.decide"): "a replay: a stranger's policy fails; nothing is decided",
    ("app/commands/survey.py", "ask"): "a look for trouble: what goes wrong is the answer",
    ("act.py", "act"): "the end of a cycle: the outcome is uncertain, and the report says so",
    ("decide.py", "rehearse"): "a shadow chain on trial: that it failed is a step of it, and nobody else's",
    ("cycle.py", "Cycle.run"): "the end of a cycle: whatever happened, the answer is a report",
    ("outlet.py", "Outlet._try"): "a monitor: it is counted and logged, and delays nobody",
    ("perform.py", "conclude"): "an act that surely did not happen is struck out, then rises",
    ("perform.py", "perform_each"): "a row of acts: the failure is the answer of all that were taken",
    (
        "proofs.py",
        "Proofs.renew",
    ): "a credential: a renewal that fails is counted and logged, and tried again",
    ("retirement.py", "retire"): "the end of a cycle: whatever happened, the answer is a report",
    ("sections.py", "Supplies._act"): "an act that ended oddly is written down as uncertain, then rises",
    ("shared.py", "Shared._query"): "a worker: the failure is shared like an answer",
    ("call.py", "Call.end"): "a worker: the failure goes to whoever asked",
    ("worker.py", "Worker._perform"): "a worker: the failure goes to whoever is left without an answer",
}
# Where code is made and run, (file, function), and what of: never of anything that somebody else wrote.
CODE = {("facts.py", "quick"): "an `__init__`, of the names of fields, as dataclasses make theirs"}
# Where something sleeps: programs of their own, which no `stopping` event reaches.
SLEEPS: dict[tuple[str, str], str] = {}
# Where something prints, outside app/: programs of their own whose answer is what they print.
PRINTS: dict[tuple[str, str], str] = {}
# Test files, outside integration/, that mirror neither a source file nor a helper in tests/.
SPECIAL_TESTS = {
    "test_architecture.py",
    "app/test_documentation.py",
    "policies/test_declared.py",
    "policies/test_golden.py",
    "policies/test_properties.py",
    "testing/test_page.py",
}


def everywhere(rule: Callable[[Source], Iterable[str]]) -> list[str]:
    """What `rule` says of all files."""
    return [problem for source in SOURCES for problem in rule(source)]


def expect_none(problems: Iterable[str]) -> None:
    found = list(problems)
    if found:
        pytest.fail("\n".join(found), pytrace=False)


# ---- the direction of imports


def test_imports_point_strictly_down() -> None:
    expect_none(everywhere(lambda source: shape.wrong_way(source, LAYERS)))
    expect_none(everywhere(shape.relative_imports))


def test_every_layer_names_only_what_is_there() -> None:
    there = {source.part for source in SOURCES} | {*PLUGINS, "", "__version__"}
    expect_none(f"LAYERS: {part!r} is gone" for layer in LAYERS for part in layer if part not in there)


def test_the_core_knows_no_plugin() -> None:
    why = "the core is handed its plug-ins; `app` finds them by entry points"
    expect_none(everywhere(lambda source: shape.forbidden_parts(source, CORE, {*PLUGINS, "clients"}, why)))


def test_the_kit_knows_no_plugin_of_ours() -> None:
    why = "it serves strangers' plug-ins and ours alike; find ours by their entry points"
    expect_none(
        everywhere(
            lambda source: shape.forbidden_parts(source, {"testing"}, {*PLUGINS, "clients", "app"}, why)
        )
    )


def test_clients_do_without_our_words() -> None:
    why = "clients speak a foreign system's words; translate in the plug-in"
    expect_none(everywhere(lambda source: shape.forbidden_parts(source, {"clients"}, WORDS, why)))


def test_policies_and_decisions_are_pure() -> None:
    why = "a rule does no input or output and has no clock: what it needs stands in the observation"
    expect_none(everywhere(lambda source: shape.foreign(source, {"policies", "cut", "decide"}, PURE, why)))


def test_the_daemon_never_loads_the_bindings_of_htcondor() -> None:
    daemon = shape.reachable(SOURCES, {source.path for source in SOURCES if source.part != "clients"})
    bindings = {"htcondor2", "classad2", "htcondor", "classad"}
    loading = [source.path for source in SOURCES if source.path in daemon and habits.loads(source, bindings)]
    expect_none(f"{path} loads HTCondor's bindings in the daemon: ask the child process" for path in loading)


# ---- sizes


def test_files_are_short() -> None:
    expect_none(everywhere(lambda source: shape.too_long(source, LINES.get(source.path, 250))))


def test_functions_are_short_and_flat_and_take_little() -> None:
    expect_none(everywhere(lambda source: shape.long_functions(source, limit=40)))
    expect_none(everywhere(lambda source: shape.deep_functions(source, limit=3)))
    expect_none(everywhere(lambda source: shape.many_parameters(source, limit=6)))


# ---- habits


def test_nothing_dangerous_is_done() -> None:
    expect_none(everywhere(habits.dangerous))


def test_nothing_is_disguised() -> None:
    expect_none(everywhere(habits.disguises))


def test_everything_is_caught_only_at_the_listed_places() -> None:
    found = {place for source in SOURCES for place in habits.broad_places(source)}
    mend = "catch what you expect, or argue for a line in BROAD"
    expect_none(habits.differences(found, BROAD, "catches everything", mend))


def test_code_is_made_only_at_the_listed_places() -> None:
    found = {place for source in SOURCES for place in habits.calling_places(source, {"exec"})}
    mend = "write a function, or argue for a line in CODE"
    expect_none(habits.differences(found, CODE, "runs code that it made", mend))


def test_nothing_sleeps_but_the_listed_programs() -> None:
    found = {place for source in SOURCES for place in habits.calling_places(source, {"time.sleep"})}
    mend = "wait in `event.wait(seconds)`, so that a stop wakes you"
    expect_none(habits.differences(found, SLEEPS, "sleeps", mend))


def test_nothing_prints_but_the_commands_and_the_listed_programs() -> None:
    inner = [source for source in SOURCES if source.part != "app"]
    found = {place for source in inner for place in habits.calling_places(source, {"print"})}
    mend = "an event that a person acts on goes to the log, all else into the report"
    expect_none(habits.differences(found, PRINTS, "prints", mend))


# ---- files that belong together


def test_every_plugin_file_is_declared_and_every_declared_one_is_there() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    tables = {kind.removeprefix("autopyfactory."): table for kind, table in project["entry-points"].items()}
    plugins = [path for path in PATHS if path.split("/")[0] in PLUGINS and not path.endswith("__init__.py")]
    expect_none(habits.undeclared(plugins, tables))
    expect_none(habits.missing_plugins(SOURCES, tables))


def test_every_test_file_mirrors_a_source_file() -> None:
    files = [file.relative_to(ROOT / "tests").as_posix() for file in (ROOT / "tests").rglob("*.py")]
    tests = [file for file in files if Path(file).match("test_*.py") and not file.startswith("integration/")]
    expect_none(habits.strays(tests, {*PATHS, *files}, SPECIAL_TESTS))


def test_no_file_names_a_machine_or_a_package_registry() -> None:
    for file in habits.ours(ROOT):
        text = file.read_text(encoding="utf-8", errors="replace")
        expect_none(habits.names_of_machines(file.relative_to(ROOT).as_posix(), text))


def test_links_of_the_documentation_lead_somewhere_and_its_examples_parse() -> None:
    pages = [file for file in habits.ours(ROOT) if file.suffix == ".md"]
    for page in pages:
        text = page.read_text(encoding="utf-8")
        expect_none(habits.dead_links(page, text) + habits.broken_examples(page, text))
