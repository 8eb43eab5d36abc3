"""The demonstration is the real thing, and leaves nothing behind."""

import json
import signal
import subprocess
import sys
import tempfile
from io import StringIO
from pathlib import Path

import pytest

from autopyfactory.app.commands.demo import called, demonstrate
from autopyfactory.testing import until
from daemons import APF, apf, environment


def left_over(folder: Path) -> list[str]:
    """What a demonstration that used this folder for its own has left in it, beside its history."""
    return [path.name for path in folder.iterdir() if path.name != "home"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary folders are made."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    return tmp_path


def test_all_jobs_are_done_and_no_pilot_is_left(folder: Path) -> None:
    done = apf("demo", "--jobs", 8, "--json")
    told = json.loads(done.stdout)
    assert done.returncode == 0, done.stderr
    assert (told["jobs"], told["done"], told["pilots_left"]) == (8, 8, 0)
    assert told["peak_pilots"] >= 1
    assert told["pilots_submitted"] >= 1
    assert 0 <= told["seconds_to_first_pilot"] < told["seconds"]
    assert left_over(folder) == []


def test_afterwards_it_is_told_what_it_did_and_why(folder: Path) -> None:
    assert apf("demo", "--jobs", 4, "--json").returncode == 0
    explained, shown = apf("explain", "SHORT"), apf("history", "LONG", "--since", "1h")
    assert "ready(): " in explained.stdout, explained.stderr
    assert "cycle" in shown.stdout.splitlines()[0], shown.stderr
    told = [json.loads(apf("history", name, "--since", "1h", "--json").stdout) for name in ("SHORT", "LONG")]
    pilots = [pilot for reports in told for report in reports for pilot in report["submitted"]]
    assert 1 <= len(pilots) <= 4
    assert apf("explain", "SHRT").returncode == 2


def test_its_progress_is_told_line_by_line_where_nobody_looks_at_a_terminal(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert demonstrate(3, 60, as_json=False) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "3 ready, 0 running" in lines[0]
    assert lines[-4].startswith("3 of 3 jobs done by ")
    assert lines[-1].startswith(f"    {called()} explain SHORT --state ")
    assert len(lines) > 5
    assert left_over(folder) == []


@pytest.mark.parametrize(("folders", "name"), [("bin", "apf"), ("", ".venv/bin/apf")])
def test_it_is_called_by_its_name_where_that_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folders: str, name: str
) -> None:
    program = tmp_path / "bin" / "apf"
    program.parent.mkdir()
    program.touch(mode=0o755)
    monkeypatch.setattr(sys, "argv", [".venv/bin/apf", "demo"])
    monkeypatch.setenv("PATH", str(tmp_path / folders))
    assert called() == name


def test_on_a_terminal_it_is_shown_live(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdout", terminal := Terminal())
    assert demonstrate(2, 60, as_json=False) == 0
    assert "SHORT" in terminal.getvalue()
    assert "\x1b[" in terminal.getvalue()


def test_what_takes_too_long_is_given_up_and_cleared_away(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert demonstrate(30, 2.0, as_json=True) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["done"] < 30
    assert told["pilots_left"] == 0
    assert left_over(folder) == []


def test_an_interruption_clears_away_too(folder: Path) -> None:
    variables = {**environment(), "TMPDIR": str(folder)}
    with subprocess.Popen(
        [*APF, "demo"], env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert until(lambda: "0 running" not in process.stdout.readline())
        process.send_signal(signal.SIGINT)
        said, complaint = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "0 are left" in said
    assert complaint == ""
    assert left_over(folder) == []
