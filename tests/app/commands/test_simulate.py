"""What a simulation came to is told in words, as JSON and as a picture, and always in the same bytes."""

import json
import subprocess
import sys
from io import StringIO
from pathlib import Path
from xml.etree import ElementTree

import pytest

from autopyfactory.app.commands.simulate import simulate
from autopyfactory.errors import ConfigError
from daemons import APF, environment

SHORT = {"duration": "1h"}
KILLING = """
[scenario]
duration = "2h"
[source.wms]
kind = "simulated"
target = "grid"
work.A = { waiting = 20, run_time = { mean = "5h" } }
[target.grid]
kind = "simulated"
retire_running = true
[defaults]
interval = "1m"
source = "wms"
target = "grid"
[queue.A]
work = { name = "A" }
policies = [{ kind = "ready" }, { kind = "keep_n_running" }]
"""


def run(*words: str, seed: str = "0") -> subprocess.CompletedProcess[str]:
    variables = {**environment(), "PYTHONHASHSEED": seed}
    command = [*APF, "simulate", *words]
    return subprocess.run(command, env=variables, capture_output=True, text=True, check=False)


def test_the_same_seed_gives_the_same_bytes_in_every_process(tmp_path: Path) -> None:
    words = ("target-down", "--duration", "14h", "--json", "--plot")
    one = run(*words, str(tmp_path / "one.svg"), seed="1")
    two = run(*words, str(tmp_path / "two.svg"), seed="2")
    assert (one.returncode, one.stderr) == (0, "")
    assert one.stdout == two.stdout
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()
    other = run("target-down", "--duration", "14h", "--json", "--seed", "2")
    assert json.loads(other.stdout)["seed"] == 2
    assert json.loads(other.stdout)["queues"] != json.loads(one.stdout)["queues"]


def test_every_queue_and_all_together_have_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert simulate("steady", SHORT, None, as_json=False) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("steady, 1h, seed 1: constant demand")
    assert [line.split()[0] for line in lines[1:]] == ["queue", "NORTH", "SOUTH", "all"]


def test_without_a_name_the_scenarios_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert simulate(None, {}, None, as_json=True) == 0
    assert "constant demand" in json.loads(capsys.readouterr().out)["steady"]
    assert simulate(None, {}, None, as_json=False) == 0
    assert "spot-preemption" in capsys.readouterr().out


def test_the_picture_shows_the_time_of_trouble(tmp_path: Path) -> None:
    path = tmp_path / "plot.svg"
    assert simulate("source-down", {"duration": "6h"}, path, as_json=True) == 0
    picture = ElementTree.parse(path).getroot()
    name = "{http://www.w3.org/2000/svg}"
    assert len(picture.findall(f".//{name}polyline")) == 6
    assert len(picture.findall(f".//{name}rect[@fill='#f3dcdc']")) == 3
    assert "6h, seed 1" in path.read_text()


def test_on_a_terminal_a_bar_shows_how_far_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Terminal(StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    assert simulate("steady", SHORT, None, as_json=False) == 0
    assert "simulating" in terminal.getvalue()
    assert "simulating" not in capsys.readouterr().out


def test_a_killed_payload_is_trouble(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "killing.toml"
    path.write_text(KILLING)
    assert simulate(str(path), {}, None, as_json=True) == 1
    assert json.loads(capsys.readouterr().out)["total"]["killed"] > 0


@pytest.mark.parametrize(
    ("name", "changes", "plot", "words"),
    [
        ("stedy", {}, None, "no scenario 'stedy'; did you mean 'steady'"),
        ("gone.toml", {}, None, "gone.toml cannot be read: there is no such file"),
        ("steady", {"duration": "soon"}, None, "--duration: 'soon' is no duration"),
        ("steady", {"duration": "0s"}, None, "--duration: must be longer than 0"),
        ("steady", {}, Path("plot.png"), "plot.png: a plot is written as SVG"),
        ("steady", SHORT, Path("/nowhere/plot.svg"), "/nowhere/plot.svg cannot be written"),
    ],
)
def test_what_is_wrong_is_said(name: str, changes: dict[str, str], plot: Path | None, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        simulate(name, changes, plot, as_json=True)


def test_what_is_wrong_ends_with_2() -> None:
    done = run("stedy", "--json")
    assert done.returncode == 2
    assert "did you mean 'steady'" in json.loads(done.stdout)["error"]
