"""Pilots taken away by hand: by the command, by the daemon, or not at all."""

from pathlib import Path
from typing import Any

import pytest

from autopyfactory.app.commands.retire import LEFT, missing
from autopyfactory.testing import until
from daemons import HEAD, apf, daemon, parse, status, write

WAITING = HEAD.replace("100ms", "1h").replace("count = 0", "count = 3")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A queue whose cycle starts three real pilots that wait for work on this machine."""
    return write(tmp_path, ["A"], WAITING, tail='pilot.idle_exit = "60s"\n')


def told(*words: object) -> Any:
    done = apf("retire", *words, "--json")
    return {**parse(done.stdout), "code": done.returncode}


def supply(config: Path) -> Any:
    return parse(apf("once", config, "A", "--dry-run", "--json").stdout)["supply"]


def shows(config: Path, **counts: int) -> bool:
    return until(lambda: {name: supply(config)[name] for name in counts} == counts)


def test_without_a_daemon_the_command_retires_and_says_which(config: Path) -> None:
    started = parse(apf("once", config, "A", "--json").stdout)["submitted"]
    first = told("A", 1, config)
    assert (first["code"], first["by"], first["verdict"]) == (0, "this command", "retired 1")
    assert first["steps"] == [{"rule": "retire: asked by an operator", "before": 0, "after": -1}]
    assert set(first["retired"]) < set(started)
    assert shows(config, pending=0, running=2)
    done = apf("retire", "A", 5, config, "--now")
    assert done.returncode == 1
    line, why = done.stdout.splitlines()
    assert why == f"  {LEFT}"
    assert line.startswith("A at here: retired 2 of 5: ")
    assert set(line.rpartition(": ")[2].split(", ")) == set(started) - set(first["retired"])
    assert shows(config, pending=0, running=0)
    history = parse(apf("history", "A", config, "--json").stdout)
    assert [cycle["verdict"] for cycle in history] == ["submitted 3", "retired 1", "retired 2 of 5"]


def test_with_a_daemon_the_daemon_retires_and_its_status_shows_it(config: Path) -> None:
    state = config.parent / "state"
    with daemon(config):
        assert apf("once", config, "A").returncode == 0
        answer = told("A", 3, "--state", state)
        assert (answer["code"], answer["by"], answer["cycle"]) == (0, "the running daemon", 2)
        assert len(answer["retired"]) == 3
        assert status(config)["A"]["report"]["verdict"] == "retired 3"
        assert shows(config, pending=0, running=0)
        assert "no queue 'B'" in told("B", 1, config)["error"]


CUT = {"rule": "guard: 10% of 20 pilots at here may be retired in 1h", "before": -5, "after": -2}


@pytest.mark.parametrize(
    ("gone", "decision", "error", "lines"),
    [
        (5, -5, None, []),
        (2, -2, None, [f"  {CUT['rule']}"]),
        (1, -2, None, [f"  {CUT['rule']}", f"  {LEFT}"]),
        (1, -5, None, [f"  {LEFT}"]),
        (1, -5, "no answer", []),
        (0, 0, None, []),
        (0, None, "no answer", []),
    ],
)
def test_why_fewer_went_is_told(gone: int, decision: int | None, error: str | None, lines: list[str]) -> None:
    facts = {"retired": ["7.1"] * gone, "decision": decision, "error": error, "steps": [CUT]}
    assert list(missing(facts, 5)) == lines


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["A", "0"], 2, "'N'"),
        (["A", "many"], 2, "'N'"),
        (["A", "1", "--state", "nowhere"], 1, "no daemon runs here"),
        (["B", "1", "factory.toml"], 2, "no queue 'B'"),
    ],
)
def test_what_cannot_be_done_is_said(config: Path, words: list[str], code: int, sentence: str) -> None:
    done = apf("retire", *words, folder=config.parent)
    assert done.returncode == code
    assert sentence in done.stderr
