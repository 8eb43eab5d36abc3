"""A program is there, or the nearest that is there is named."""

from pathlib import Path

import pytest

from autopyfactory.clients.program import missing


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one program and one file that is none."""
    for name, mode in (("count-jobs", 0o700), ("count-jobz", 0o600)):
        (tmp_path / name).touch(mode)
    return tmp_path


def test_what_can_be_executed_is_not_missing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert missing("sh") == ""
    assert missing(str(folder / "count-jobs")) == ""
    assert missing("count-jobs", str(folder)) == ""
    monkeypatch.chdir(folder)
    assert missing("./count-jobs") == ""


@pytest.mark.parametrize(
    ("name", "near"),
    [("cuont-jobs", "count-jobs"), ("count-jobz", "count-jobs"), ("{}/cuont-jobs", "{}/count-jobs")],
)
def test_the_nearest_program_is_named(folder: Path, name: str, near: str) -> None:
    name, near = name.format(folder), near.format(folder)
    sentence = f"{name!r} is not an executable file, nor found in PATH; did you mean {near!r}?"
    assert missing(name, str(folder)) == sentence


@pytest.mark.parametrize("name", ["nothing-like-it", "/no/such/program", "", "/"])
def test_without_one_nothing_is_guessed(folder: Path, name: str) -> None:
    assert missing(name, f"{folder}:/no/such") == f"{name!r} is not an executable file, nor found in PATH"


def test_our_own_path_is_searched_without_another(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(folder))
    assert missing("count-jobs") == ""
    assert missing("count-job").endswith("did you mean 'count-jobs'?")
