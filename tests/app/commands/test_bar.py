"""How far a long command has come."""

import io
import sys

import pytest

from autopyfactory.app.commands.bar import bar


class Terminal(io.StringIO):
    """Somebody looks."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("screen", "quiet"), [(io.StringIO(), False), (Terminal(), True)])
def test_where_nobody_looks_nothing_is_drawn(
    monkeypatch: pytest.MonkeyPatch, screen: io.StringIO, quiet: bool
) -> None:
    monkeypatch.setattr(sys, "stderr", screen)
    with bar("working", 2.0, quiet=quiet) as show:
        show(1.0)
    assert screen.getvalue() == ""


def test_on_a_terminal_a_bar_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    with bar("working", 2.0, quiet=False) as show:
        show(2.0)
    assert "working" in screen.getvalue()
