"""A pilot that is there for one program runs it once."""

from pathlib import Path

import pytest

from autopyfactory.clients.workstation.berth import Berth, Stage, move
from autopyfactory.clients.workstation.one_program import OneProgram
from autopyfactory.testing import until
from workstation import birth


@pytest.fixture
def berth(tmp_path: Path) -> Berth:
    return Berth(str(tmp_path / "pilots"), "pilot", birth())


def ends(work: OneProgram) -> str:
    """The reason for which the work ends."""
    reasons: list[str] = []
    assert until(lambda: reasons.append(work.step()) or reasons[-1] != "")
    return reasons[-1]


@pytest.mark.parametrize("code", [0, 7])
def test_it_ends_with_its_program(tmp_path: Path, berth: Berth, code: int) -> None:
    work = OneProgram(berth, ["sh", "-c", f"echo up; exit {code}"], str(tmp_path / "log"))
    assert work.step() == ""
    assert berth.stage is Stage.RUNNING
    assert ends(work) == f"exit code {code}"
    assert (tmp_path / "log.out").read_text() == "up\n"
    work.stop("over")


def test_a_program_that_cannot_be_started_is_named(tmp_path: Path, berth: Berth) -> None:
    work = OneProgram(berth, ["no-such-program"], str(tmp_path / "log"))
    assert "no-such-program" in work.step()
    work.stop("over")


def test_one_that_is_retired_before_starts_nothing(tmp_path: Path, berth: Berth) -> None:
    move(berth.folder, "pilot", Stage.PENDING, Stage.RETIRING)
    assert OneProgram(berth, ["touch", str(tmp_path / "made")], str(tmp_path / "log")).step() == "retired"
    assert not (tmp_path / "log.out").exists()


def test_a_program_is_stopped_with_its_pilot(
    tmp_path: Path, berth: Berth, capsys: pytest.CaptureFixture[str]
) -> None:
    work = OneProgram(berth, ["sleep", "60"], str(tmp_path / "log"))
    assert work.step() == ""
    work.stop("retired")
    assert "stops the program: retired" in capsys.readouterr().out
    assert ends(work) == "exit code -15"
