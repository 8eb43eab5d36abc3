"""What `apf run` would stumble over on this machine."""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from autopyfactory.app import premises
from autopyfactory.app.premises import obstacles
from autopyfactory.plan import FactorySettings, Plan
from rig import Rig


@pytest.fixture
def look(tmp_path: Path) -> Iterator[Callable[..., list[str]]]:
    rig = Rig()
    plan: Plan = rig.plan([])

    def look(**settings: object) -> list[str]:
        whole = {"id": "f", "state": tmp_path / "state", **settings}
        return obstacles(replace(plan, settings=FactorySettings.model_validate(whole)))

    yield look
    rig.close()


@pytest.fixture
def nobody_may_write(monkeypatch: pytest.MonkeyPatch) -> None:
    """As it is for a user who is not root."""
    monkeypatch.setattr(os, "access", lambda path, mode: False)


def test_a_folder_that_can_be_made_is_fine(look: Callable[..., list[str]], tmp_path: Path) -> None:
    assert look(log=str(tmp_path / "apf.log")) == []
    (tmp_path / "state").mkdir()
    (tmp_path / "apf.log").touch()
    assert look(log=str(tmp_path / "apf.log")) == []


@pytest.mark.usefixtures("nobody_may_write")
def test_a_folder_where_we_may_not_write_is_told(look: Callable[..., list[str]], tmp_path: Path) -> None:
    (found,) = look()
    assert found.startswith(f"state folder {tmp_path}/state cannot be made: user ")
    assert found.endswith(f" may not write in {tmp_path}")
    (tmp_path / "apf.log").touch()
    assert "may not write it" in look(log=str(tmp_path / "apf.log"))[1]
    assert "cannot be made: user " in look(log=str(tmp_path / "new.log"))[1]
    (tmp_path / "state").mkdir()
    assert "cannot be used" in look()[0]


def test_files_in_the_place_of_folders_and_the_other_way_round_are_told(
    look: Callable[..., list[str]], tmp_path: Path
) -> None:
    (tmp_path / "state").touch()
    assert look() == [f"state folder {tmp_path}/state is no folder"]
    assert look(state=tmp_path / "state" / "inner")[0].endswith(f"{tmp_path}/state is no folder")
    assert look(log=str(tmp_path))[1] == f"log {tmp_path} is a folder"
    assert look(log=str(tmp_path / "none" / "x"))[1].endswith(f"there is no folder {tmp_path}/none")


def test_a_folder_of_somebody_else_is_told(
    look: Callable[..., list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "state").mkdir()
    owner = premises.user(os.geteuid())
    monkeypatch.setattr(os, "geteuid", lambda: 4_000_000)
    assert look() == [f"state folder {tmp_path}/state belongs to {owner}, and not to user 4000000"]
