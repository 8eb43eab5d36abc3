"""What commands print, where nobody looks at a terminal and where somebody does."""

import pytest
from rich.console import Console

from autopyfactory.app.commands import output
from autopyfactory.app.commands.output import emit_rows, table

ROWS = [("a", "1", "all is well"), ("long-name", "20", "two\nlines"), ("日本", "3", "")]


def test_rows_stand_in_columns_and_each_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    table(("queue", "ready", "last"), ROWS, numbers=("ready",))
    assert capsys.readouterr().out.splitlines() == [
        "queue     ready last",
        "a             1 all is well",
        "long-name    20 two lines",
        "日本          3",
    ]


def test_on_a_narrow_terminal_only_the_sentence_is_folded(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output, "console", lambda: Console(width=30, force_terminal=True, no_color=True))
    table(("queue", "ready", "last"), [("a-queue-name", "1", "a sentence of many words")], ("ready",))
    lines = capsys.readouterr().out.splitlines()
    assert "a-queue-name" in lines[1]
    assert len(lines) > 2


def test_very_many_rows_are_plain_also_on_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output, "console", lambda: Console(width=10, force_terminal=True))
    table(("name", "text"), [("a", "a longer text")] * (output.MANY + 1))
    assert capsys.readouterr().out.splitlines()[1] == "a    a longer text"


def test_items_are_json_line_by_line(capsys: pytest.CaptureFixture[str]) -> None:
    emit_rows([{"a": 1}, {"a": 2}])
    emit_rows([])
    assert capsys.readouterr().out == '[\n{"a": 1},\n{"a": 2}\n]\n[]\n'
