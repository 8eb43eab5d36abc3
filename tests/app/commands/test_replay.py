"""`apf replay`: recorded cycles, decided anew."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autopyfactory.app.commands.replay import agreement
from autopyfactory.app.replay.sums import Trial
from daemons import apf
from played import record, scenario

MINUTES = 20


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("state")
    record(folder, MINUTES * 60.0)
    return folder


def config(folder: Path, state: Path, change: tuple[str, str] = ("", "")) -> Path:
    """The configuration of the scenario, alone."""
    text = scenario(state).name
    whole = Path(text).read_text().replace(*change)
    begin, end = whole.index("[factory]"), whole.index("\n[source")
    path = folder / "new.toml"
    path.write_text(whole[begin:end] + whole[end:])
    return path


def replayed(*words: object) -> Any:
    done = apf("replay", *words, "--json")
    return {**json.loads(done.stdout), "code": done.returncode}


def test_under_what_it_was_recorded_with_every_decision_is_the_same(state: Path) -> None:
    told = replayed("--state", state)
    assert (told["code"], told["config"], told["loop"]) == (0, None, "open")
    assert "recorded supply is history" in told["note"]
    assert sorted(told["queues"]) == ["FALLING", "NORTH", "SOUTH", "TESTED"]
    assert told["total"]["differ"] == 0
    assert told["total"]["cycles"] == told["total"]["same"] >= 4 * (MINUTES - 1)
    assert told["total"]["recorded"] == told["total"]["replayed"]


def test_another_configuration_is_compared_queue_by_queue(state: Path, tmp_path: Path) -> None:
    told = replayed("--config", config(tmp_path, state, ("limit = 25", "limit = 3")), "--state", state)
    north = told["queues"]["NORTH"]
    assert told["code"] == 0
    assert north["replayed"]["burst"] == 3 < north["recorded"]["burst"]
    assert set(north["first"]) == {"wall", "recorded", "replayed"}
    assert told["queues"]["FALLING"]["differ"] == 0


def test_people_get_a_line_for_each_queue_and_are_told_what_the_loop_is(state: Path, tmp_path: Path) -> None:
    new = config(tmp_path, state, ("[queue.TESTED]", "[queue.OTHER]"))
    done = apf("replay", "--config", new, "--state", state)
    said = done.stdout.splitlines()
    assert done.returncode == 0
    assert said[0].endswith(f"under {new}")
    assert said[1].startswith("recorded supply is history")
    assert [line.split()[0] for line in said[2:7]] == ["queue", "FALLING", "NORTH", "SOUTH", "all"]
    assert said[-2:] == ["not in this configuration: TESTED", "not recorded: OTHER"]


@pytest.mark.parametrize(
    ("total", "words"),
    [
        (Trial.new(), "every decision is the recorded one"),
        (
            replace(Trial.new(), cycles=10, blind=2, same=5),
            "3 of 8 decisions differ: a policy does not do today what it did then",
        ),
    ],
)
def test_whether_all_is_the_same_is_said(total: Trial, words: str) -> None:
    assert agreement(total) == words


def test_a_model_closes_the_loop(state: Path, tmp_path: Path) -> None:
    new = config(tmp_path, state, ("limit = 25", "limit = 3"))
    told = replayed("--config", new, "--state", state, "--model")
    assert told["code"] == 0
    assert "closes the loop" in told["model"]["note"]
    north = told["model"]["queues"]["NORTH"]
    assert north["after"]["submitted"] < north["before"]["submitted"]
    assert north["after"]["peak_pending"] <= 3
    assert "closes the loop" in apf("replay", "--state", state, "--model").stdout


def test_a_part_of_it_may_be_named(state: Path) -> None:
    told = replayed("--state", state, "--since", "2030-01-01T00:10Z", "--until", "2030-01-01T00:15Z")
    assert (told["since"], told["until"]) == ("2030-01-01T00:10:00Z", "2030-01-01T00:15:00Z")
    assert 4 * 4 <= told["total"]["cycles"] <= 4 * 6


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--since", "2031-01-01"), "nothing is known from 2031-01-01"),
        (("--since", "soon"), "'soon' is no moment"),
        (("--config", "absent.toml"), "absent.toml"),
    ],
)
def test_what_is_wrong_is_a_sentence(state: Path, words: tuple[str, ...], complaint: str) -> None:
    done = apf("replay", "--state", state, *words)
    assert done.returncode == 2
    assert complaint in done.stderr


def test_a_wrong_configuration_is_refused(state: Path, tmp_path: Path) -> None:
    wrong = config(tmp_path, state, ("limit = 25", "limit = 'many'"))
    done = apf("replay", "--config", wrong, "--state", state)
    assert done.returncode == 2
    assert "limit" in done.stderr


def test_without_a_history_it_says_so(tmp_path: Path) -> None:
    done = apf("replay", "--state", tmp_path)
    assert done.returncode == 2
    assert "there is no history" in done.stderr
