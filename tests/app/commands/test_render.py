"""What `apf render` shows."""

import json
from pathlib import Path

import pytest

from autopyfactory.app.commands.render import render
from autopyfactory.errors import ConfigError
from daemons import apf

CONFIG = """
[factory]
id = "site-one"
state = "state"

[target.ce]
kind = "htcondor"

[target.looked-at]
kind = "dry_run"
target = "ce"

[target.here]
kind = "local"

[target.here-looked-at]
kind = "dry_run"
target = "here"

[defaults]
target = "ce"
policies = [{ kind = "fixed", count = 1 }]

[defaults.htcondor.pilot]
executable = "/bin/sleep"
grid = { kind = "condor", host = "ce.example.org" }

[queue.CE]

[queue.DRY]
target = "looked-at"
pilot = { executable = "/bin/sleep" }

[queue.LOCAL]
target = "here"

[queue.DRY_LOCAL]
target = "here-looked-at"

[queue.WRONG]
pilot.grid = { kind = "cream" }
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "factory.toml"
    file.write_text(CONFIG)
    return file


def test_the_whole_submission_is_printed_and_nothing_is_touched(config: Path) -> None:
    done = apf("render", config, "CE", "-n", "3")
    lines = done.stdout.splitlines()
    assert done.returncode == 0
    assert "grid_resource = condor ce.example.org ce.example.org:9619" in lines
    assert '+APF_TAG = "TAG"' in lines
    assert lines[-1] == "queue 3"
    assert not (config.parent / "state").exists()


def test_as_json_the_text_is_one_of_its_values(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert render(config, "CE", 1, as_json=False) == 0
    text = capsys.readouterr().out
    assert render(config, "CE", 1, as_json=True) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {"queue": "CE", "target": "ce", "count": 1, "text": text, "error": None}


def test_a_dry_run_shows_what_the_target_would_be_sent(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert render(config, "DRY", 2, as_json=False) == 0
    assert capsys.readouterr().out.endswith("queue 2\n")


@pytest.mark.parametrize(
    ("queue", "words"),
    [
        ("LOCAL", "queue 'LOCAL': target 'here' cannot show what it would submit"),
        ("DRY_LOCAL", "cannot show what it would submit"),
        ("WRONG", "'cream' is no grid kind"),
        ("CEE", "no queue 'CEE'; did you mean 'CE'?"),
    ],
)
def test_what_cannot_be_shown_is_said(config: Path, queue: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        render(config, queue, 1, as_json=False)
    assert words.replace("?", "") in str(caught.value)
