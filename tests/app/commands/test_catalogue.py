"""What operators read of plug-ins."""

import json

import pytest
from typer.testing import CliRunner

from autopyfactory.app.cli import app
from autopyfactory.app.commands import catalogue
from autopyfactory.app.commands.catalogue import select, show_plugins
from autopyfactory.app.description import Description
from autopyfactory.errors import ConfigError


def test_every_policy_is_listed_with_its_options_and_their_documentation() -> None:
    listed = json.loads(CliRunner().invoke(app, ["plugins", "policies", "--json"]).stdout)
    assert {"ready", "scale", "max_pending", "share", "null"} <= {plugin["kind"] for plugin in listed}
    for plugin in listed:
        assert plugin["documentation"]
        assert plugin["error"] == ""
        assert all(option["documentation"] and option["type"] for option in plugin["options"]), plugin


def test_one_plug_in_is_told_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert show_plugins("max_pending", as_json=False) == 0
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == "policies"
    assert "max_pending" in lines
    assert "limit (required): a whole number, 0 or more" in lines
    assert "Pilots that may wait to run." in lines


def test_a_kind_that_two_groups_have_is_found_in_both() -> None:
    assert {plugin.group for plugin in select("local")} == {"sources", "targets"}
    assert {plugin.group for plugin in select(None)} >= {"policies", "sources", "targets", "monitors"}


@pytest.mark.parametrize(("word", "option"), [("factory", "guard.fall"), ("queue", "when_unknown.submit")])
def test_the_sections_that_are_no_plug_ins_are_told_too(word: str, option: str) -> None:
    (section,) = select(word)
    assert option in {one.name for one in section.options}
    assert all(one.documentation for one in section.options)
    assert section in select("configuration")


def test_what_is_no_plug_in_gets_the_nearest_name() -> None:
    with pytest.raises(ConfigError, match="did you mean 'max_pending'"):
        select("max_pendin")
    with pytest.raises(ConfigError) as told:
        select("xyz")
    assert str(told.value).count("command") == 1


def test_one_that_cannot_be_loaded_is_shown_with_the_reason(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = Description(group="targets", kind="odd", error="install 'odd'", needs=("idle",))
    monkeypatch.setattr(catalogue.registry, "describe", lambda group: [broken])
    assert show_plugins("targets", as_json=False) == 1
    assert "install 'odd'" in capsys.readouterr().out
