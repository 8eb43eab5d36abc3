"""Each rule about the tree can fail: the smallest file that breaks it is named, with the mend."""

import pytest

import habits
import shape
from shape import parse

PLUGINS = ("sources", "targets")
LAYERS = (
    {"", "__version__", "errors"},
    {"model"},
    {"ports", "clients"},
    {*PLUGINS, "policies", "decide", "guard"},
    {"cycle"},
    {"factory"},
    {"app"},
)


def nested(levels: int) -> str:
    lines = ["def act():"] + ["    " * level + "if level:" for level in range(1, levels + 1)]
    return "\n".join([*lines, "    " * (levels + 1) + "pass"])


CORE_RULE = (lambda source: shape.forbidden_parts(source, {"cycle"}, PLUGINS, "handed"), "handed")
CLIENT_RULE = (lambda source: shape.forbidden_parts(source, {"clients"}, {"model"}, "foreign"), "foreign")
PURE_RULE = (lambda source: shape.foreign(source, {"policies"}, {"math"}, "pure"), "pure")
LAYER_RULE = (lambda source: shape.wrong_way(source, LAYERS), "take what you need as an argument")


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        (LAYER_RULE, "model.py", "from autopyfactory.ports import Target"),
        (LAYER_RULE, "decide.py", "import autopyfactory.cycle"),
        (LAYER_RULE, "targets/local.py", "from autopyfactory.sources.local import LocalSource"),
        (LAYER_RULE, "targets/dry_run.py", "from autopyfactory.targets.local import LocalTarget"),
        (LAYER_RULE, "targets/local.py", "from autopyfactory import decide"),
        (LAYER_RULE, "factory.py", "def start():\n    from autopyfactory.app import cli"),
        ((LAYER_RULE[0], "stands in no layer"), "misc.py", ""),
        ((LAYER_RULE[0], "stands in no layer"), "cycle.py", "import autopyfactory.misc"),
        ((LAYER_RULE[0], "imports nothing of ours"), "__init__.py", "from autopyfactory.model import Demand"),
        ((shape.relative_imports, "full name"), "targets/local.py", "from .. import model"),
        ((shape.relative_imports, "full name"), "targets/local.py", "from .dry_run import DryRunTarget"),
        (CORE_RULE, "cycle.py", "from autopyfactory.targets.local import LocalTarget"),
        (CLIENT_RULE, "clients/workstation/jobs.py", "from autopyfactory.model import Demand"),
        (PURE_RULE, "policies/ready.py", "import time"),
        (PURE_RULE, "policies/ready.py", "from pathlib import Path"),
        ((lambda source: shape.too_long(source, 250), "one noun"), "guard.py", "\n" * 251),
        (
            (lambda source: shape.long_functions(source, 40), "give a part of it a name"),
            "guard.py",
            "class Guard:\n    def allow(self):\n" + "        pass\n" * 40,
        ),
        ((lambda source: shape.deep_functions(source, 3), "return early"), "guard.py", nested(4)),
        (
            (lambda source: shape.many_parameters(source, 6), "gather"),
            "guard.py",
            "async def act(a, b, /, c, *d, e, f, **g): ...",
        ),
        ((habits.dangerous, "use JSON"), "cycle.py", "from pickle import loads"),
        ((habits.dangerous, "list of words"), "cycle.py", "import os\nos.system('true')"),
        ((habits.dangerous, "shell"), "cycle.py", "subprocess.run('true', shell=True)"),
        ((habits.dangerous, "eval"), "cycle.py", "eval('1')"),
        ((habits.disguises, "TYPE_CHECKING"), "cycle.py", "if TYPE_CHECKING:\n    pass"),
        (
            (habits.disguises, "TYPE_CHECKING"),
            "cycle.py",
            "import typing\nif typing.TYPE_CHECKING:\n    pass",
        ),
        ((habits.disguises, "__getattr__"), "model.py", "class A:\n    def __getattr__(self, name): ..."),
        ((habits.disguises, "global"), "model.py", "def act():\n    global STATE"),
    ],
)
def test_a_file_that_breaks_a_rule_is_named(rule, path: str, text: str) -> None:
    check, words = rule
    found = check(parse(path, text))
    assert len(found) == 1
    assert path in found[0]
    assert words in found[0]


@pytest.mark.parametrize(
    ("check", "path", "text"),
    [
        (
            LAYER_RULE[0],
            "targets/local.py",
            "from autopyfactory.clients.workstation.jobs import Jobs\nimport json",
        ),
        (LAYER_RULE[0], "clients/workstation/jobs.py", "from autopyfactory.clients.locks import Lock"),
        (LAYER_RULE[0], "app/cli.py", "from autopyfactory.app.registry import find"),
        (LAYER_RULE[0], "app/cli.py", "from autopyfactory import __version__"),
        (CORE_RULE[0], "app/cli.py", "from autopyfactory.targets.local import LocalTarget"),
        (PURE_RULE[0], "targets/local.py", "import time"),
        (lambda source: shape.too_long(source, 250), "guard.py", "\n" * 250),
        (lambda source: shape.deep_functions(source, 3), "guard.py", nested(3)),
        (
            lambda source: shape.deep_functions(source, 1),
            "guard.py",
            "def act():\n    if a:\n        pass\n    elif b:\n        pass\n    elif c:\n        pass",
        ),
        (
            lambda source: shape.many_parameters(source, 2),
            "guard.py",
            "class A:\n    def act(self, a, b): ...",
        ),
        (habits.dangerous, "cycle.py", "subprocess.run(['true'], shell=False)"),
    ],
)
def test_a_file_that_keeps_a_rule_is_not_named(check, path: str, text: str) -> None:
    assert check(parse(path, text)) == []


def test_files_that_are_loaded_along_are_found_however_far() -> None:
    texts = {
        "a.py": "from autopyfactory import b",
        "b.py": "def act():\n    from autopyfactory.clients.c import C",
        "clients/c.py": "from autopyfactory.a import A\nimport json",
        "clients/child.py": "import autopyfactory.clients.c",
    }
    sources = [parse(path, text) for path, text in texts.items()]
    assert shape.reachable(sources, {"a.py"}) == {"a.py", "b.py", "clients/c.py"}
