"""The job queue of this machine by commands."""

import json
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from autopyfactory.app.cli import app


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    return "jobs.sqlite"


def jobs(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["jobs", *words])
    return result.exit_code, result.stdout + result.stderr


def test_jobs_are_added_listed_and_cleared(file: str, tmp_path: Path) -> None:
    assert jobs("add", file, "--label", "x", "--count", "2", "--", "sleep", "5") == (0, "added 2: 1 to 2\n")
    assert jobs("add", file, "--cores", "4", "--", "true", "--json") == (0, "added 1: 3\n")
    code, said = jobs("list", file)
    assert code == 0
    assert said.splitlines()[-1] == "3 ready, 0 running, 0 done, 0 failed"
    assert [line.split()[-2:] for line in said.splitlines()[1:4]] == [
        ["sleep", "5"],
        ["sleep", "5"],
        ["true", "--json"],
    ]
    assert jobs("clear", file, "--label", "x") == (0, "cleared 2\n")
    (job,) = json.loads(jobs("list", file, "--json")[1])
    assert job["added"].endswith("Z")
    assert job["started"] is None
    assert (job["cores"], job["arguments"], job["directory"]) == (4, ["true", "--json"], str(tmp_path))
    assert jobs("clear", file, "--state", "done")[1] == "cleared 0\n"
    assert jobs("list", file, "--state", "done", "--state", "failed")[1] == (
        "0 ready, 0 running, 0 done, 0 failed\n"
    )


def test_a_misspelt_state_is_told_the_right_one(file: str) -> None:
    jobs("add", file, "--", "true")
    assert jobs("list", file, "--state", "dne") == (2, "no state 'dne' of jobs; did you mean 'done'?\n")


def test_a_queue_that_is_not_there_is_trouble_and_not_a_traceback(file: str) -> None:
    code, said = jobs("list", file)
    assert code == 1
    assert "no job queue" in said
    Path(file).write_text("something else")
    code, said = jobs("add", file, "--", "true")
    assert code in (1, 2)
    assert "Traceback" not in said


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    code, said = jobs("add", str(tmp_path / "none" / "q.sqlite"), "--", "true")
    assert code == 2
    assert f"there is no folder {tmp_path}/none; make it" in said
    assert list(tmp_path.iterdir()) == []


def test_very_many_jobs_are_listed_in_a_moment(file: str) -> None:
    jobs("add", file, "--count", "20000", "--", "sleep", "5")
    began = time.monotonic()
    said = jobs("list", file)[1].splitlines()
    assert len(said) == 20002
    assert len(json.loads(jobs("list", file, "--json")[1])) == 20000
    assert time.monotonic() - began < 15  # a table that is measured and wrapped cell by cell takes a minute
    assert json.loads(jobs("list", file, "--label", "none", "--json")[1]) == []
