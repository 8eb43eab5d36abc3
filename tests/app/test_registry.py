"""Plug-ins are found by entry points, loaded when they are named, and described from their code."""

import subprocess
import sys
from importlib.metadata import EntryPoint

import pytest

import strangers
from autopyfactory.app import registry
from autopyfactory.errors import ConfigError
from autopyfactory.policies.ready import Ready


@pytest.fixture
def declared(monkeypatch):
    strangers.declare(monkeypatch)


def refuse(group, kind):
    with pytest.raises(ConfigError) as caught:
        registry.load(group, kind)
    return str(caught.value)


def test_a_plugin_is_found_by_its_kind():
    assert registry.load("policies", "ready") is Ready
    assert "htcondor" in registry.kinds("sources")


def test_nothing_is_imported_until_it_is_named():
    code = (
        "import sys; from autopyfactory.app import registry; registry.kinds('targets');"
        "print([name for name in sys.modules if name.startswith('autopyfactory.targets.')])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert ran.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("group", "kind", "sentence"),
    [
        ("policies", "max_pendin", "no 'max_pendin' among policies; did you mean 'max_pending'?"),
        ("polices", "ready", "no 'polices' among the kinds of plug-ins; did you mean 'policies'?"),
        ("configs", "xyz", "no 'xyz' among configs; there are: toml"),
        ("credentials", "flie", "no 'flie' among credentials; did you mean 'file'?"),
    ],
)
def test_a_kind_that_is_not_there_gets_its_nearest_word(group, kind, sentence):
    assert refuse(group, kind) == sentence


@pytest.mark.parametrize(
    ("group", "kind", "sentence"),
    [
        (
            "policies",
            "optionless",
            "'optionless' among policies is no plug-in: strangers:Optionless has no needs, cap or __call__",
        ),
        ("policies", "number", "'number' among policies is no plug-in: strangers:number is not a class"),
        (
            "sources",
            "optionless",
            "'optionless' among sources is no plug-in: strangers:Optionless has no `options`,"
            " a descendant of SourceSection",
        ),
        (
            "targets",
            "absent",
            "'absent' among targets cannot be loaded:"
            " AttributeError(\"module 'strangers' has no attribute 'NoSuchClass'\");"
            " this is a fault of strangers:NoSuchClass: install it anew, or another version",
        ),
    ],
)
def test_what_cannot_be_used_says_why(declared, group, kind, sentence):
    assert refuse(group, kind) == sentence


class Distribution:
    name = "farm"
    version = "2.1"

    class metadata:  # noqa: N801  # as importlib.metadata calls it
        @staticmethod
        def get_all(_key):
            return ["lost"]


@pytest.mark.parametrize(
    ("kind", "value", "mend"),
    [
        (
            "lost",
            "farm.targets:Lost",
            "No module named 'farm'; this is a fault of farm 2.1: install it anew, or another version",
        ),
        (
            "lost",
            "no_bindings.x:Lost",
            "No module named 'no_bindings'; install it with: pip install 'farm[lost]'",
        ),
        (
            "other",
            "no_bindings.x:Lost",
            "No module named 'no_bindings'; install 'no_bindings', which farm 2.1 uses",
        ),
    ],
)
def test_what_is_not_installed_names_the_extra(monkeypatch, kind, value, mend):
    point = EntryPoint(kind, value, "autopyfactory.targets")
    object.__setattr__(point, "dist", Distribution())

    class Missing:
        name, dist, module = kind, Distribution(), "farm.targets"
        value = "farm.targets:Lost"

        @staticmethod
        def load():
            return point.load()

    monkeypatch.setattr(registry, "entries", lambda _group: {kind: Missing})
    assert refuse("targets", kind) == f"'{kind}' among targets cannot be loaded: {mend}"


def test_every_policy_is_described_with_its_options():
    found = {plugin.kind: plugin for plugin in registry.describe("policies")}
    assert set(found) == set(registry.kinds("policies"))
    assert all(plugin.summary and not plugin.error for plugin in found.values())
    (limit, *_) = found["max_pending"].options
    assert (limit.name, limit.type, limit.required) == ("limit", "a whole number, 0 or more", True)
    assert limit.documentation == "Pilots that may wait to run."
    assert found["max_pending"].cap
    assert found["ready"].needs == ("demand",)
    assert found["throttle"].options[0].default == "1h"
    assert found["ready"].package.startswith("autopyfactory ")


@pytest.mark.parametrize("group", ["sources", "targets", "monitors", "configs", "credentials"])
def test_all_of_ours_can_be_described(group):
    found = registry.describe(group)
    assert [plugin.error for plugin in found] == [""] * len(found)


def test_one_that_cannot_be_loaded_is_described_with_the_reason(declared):
    found = {plugin.kind: plugin for plugin in registry.describe("policies")}
    assert found["number"].error.endswith("strangers:number is not a class")
    assert found["unreadable"].error.startswith("the options of Unreadable cannot be read: ")
