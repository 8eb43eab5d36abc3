"""What `apf check` tells."""

import json
from pathlib import Path

import pytest

from autopyfactory.app.commands.check import examine
from daemons import HANGING, HEAD, write


def test_a_right_configuration_is_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = write(tmp_path, ["A", "B"])
    assert examine(config, live=False, as_json=False) == 0
    assert f"\n{config}: 2 queues, " in capsys.readouterr().out
    assert not (tmp_path / "state").exists()


def test_live_trouble_ends_with_1_and_names_the_section(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = write(tmp_path, ["A"], HANGING.replace('["sleep", "1000"]', '["false"]'))
    assert examine(config, live=False, as_json=False) == 0
    capsys.readouterr()
    assert examine(config, live=True, as_json=False) == 1
    assert "\ntarget here: " in capsys.readouterr().out
    assert examine(config, live=True, as_json=True) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["fine"], told["problems"], list(told["trouble"])) == (False, [], ["target here"])


def test_what_hangs_is_told_after_its_deadline(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = write(tmp_path, ["A"], HANGING.replace('"1m"', '"300ms"'))
    assert examine(config, live=True, as_json=False) == 1
    assert "target here: " in capsys.readouterr().out


def test_a_wrong_configuration_ends_with_2_also_where_the_rest_is_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = write(tmp_path, ["A", "B"], tail="intervall = 1\n")
    assert examine(config, live=True, as_json=False) == 2
    assert capsys.readouterr().out.splitlines()[-1] == f"{config}: 1 to mend"


def test_without_a_queue_nothing_can_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert examine(write(tmp_path, []), live=False, as_json=False) == 2
    assert "there is no queue; add a section [queue.NAME]" in capsys.readouterr().out
    config = write(tmp_path, ["A"], tail="enabled = false\n")
    assert examine(config, live=False, as_json=False) == 2
    assert "no queue is enabled; A has enabled = false" in capsys.readouterr().out


def test_disabled_queues_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = write(tmp_path, ["A", "B"], tail="enabled = false\n")
    assert examine(config, live=False, as_json=False) == 0
    assert (
        capsys.readouterr().out.splitlines()[-1]
        == f"{config}: 1 queue (1 more disabled), 0 sources, 1 target"
    )
    examine(config, live=False, as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert (told["queues"], told["disabled"]) == (["A"], ["B"])


def test_what_keeps_it_from_running_here_is_trouble(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = write(
        tmp_path, ["A"], HEAD.replace('state = "state"', 'state = "state"\nlog = "./none/apf.log"')
    )
    assert examine(config, live=False, as_json=False) == 1
    assert f"this machine: log {tmp_path}/none/apf.log cannot be made" in capsys.readouterr().out


def test_problems_as_json_hold_place_and_mend(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = write(tmp_path, ["A"], tail="intervall = 1\n")
    assert examine(config, live=False, as_json=True) == 2
    (problem,) = json.loads(capsys.readouterr().out)["problems"]
    assert (problem["file"], problem["section"], problem["key"]) == (str(config), "queue.A", "intervall")
    assert "'interval'" in problem["text"]


def test_nothing_can_be_asked_without_a_plan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = write(tmp_path, ["A"], HEAD.replace("[factory]", "[factori]"))
    assert examine(config, live=True, as_json=False) == 2
    assert "[factory]" in capsys.readouterr().out


def test_warnings_are_told_and_are_no_trouble(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert examine(write(tmp_path, ["A"]), live=False, as_json=False) == 0
    first = capsys.readouterr().out.splitlines()[0]
    assert first.startswith("warning: ")
    assert "[queue.A] interval" in first
