"""A pilot's own place is locked for life, and its stage changes for one only."""

import os
import shutil
import threading
from pathlib import Path

import pytest

from autopyfactory.clients import locks
from autopyfactory.clients.workstation import berth as berths
from autopyfactory.clients.workstation.berth import Berth, Stage, move
from workstation import birth


@pytest.fixture
def folder(tmp_path: Path) -> str:
    return str(tmp_path / "pilots")


@pytest.fixture
def berth(folder: str) -> Berth:
    return Berth(folder, "pilot", birth())


def files(folder: str) -> set[str]:
    return {file.name for file in Path(folder).iterdir()}


def test_it_is_born_pending_and_locked(folder: str, berth: Berth) -> None:
    assert files(folder) == {"pilot.json", "pilot.pending"}
    assert locks.is_held_at(f"{folder}/pilot.json")
    berth.close()
    assert not locks.is_held_at(f"{folder}/pilot.json")


def test_its_stage_changes(folder: str, berth: Berth) -> None:
    assert berth.move(Stage.IDLE)
    assert berth.move(Stage.RUNNING)
    assert files(folder) == {"pilot.json", "pilot.running"}
    berth.end("done")
    assert files(folder) == {"pilot.json", "pilot.ended"}
    assert '"reason": "done"' in Path(f"{folder}/pilot.json").read_text()


def test_one_that_is_told_to_end_changes_no_more(folder: str, berth: Berth) -> None:
    assert not berth.is_retired()
    assert move(folder, "pilot", Stage.PENDING, Stage.RETIRING)
    assert berth.is_retired()
    assert not berth.move(Stage.IDLE)
    berth.end("retired")
    assert files(folder) == {"pilot.json", "pilot.ended"}


def retire(folder: str, told: list[bool]) -> None:
    told.append(move(folder, "pilot", Stage.IDLE, Stage.RETIRING))


def test_of_a_pilot_that_takes_a_job_and_one_who_retires_it_one_succeeds(folder: str, berth: Berth) -> None:
    for _ in range(200):
        berth.stage = Stage.IDLE
        Path(f"{folder}/pilot.idle").touch()
        told: list[bool] = []
        other = threading.Thread(target=retire, args=[folder, told])
        other.start()
        began = berth.move(Stage.RUNNING)
        other.join(10)
        assert told == [not began]
        for stage in (Stage.RUNNING, Stage.RETIRING):
            Path(f"{folder}/pilot.{stage}").unlink(missing_ok=True)


@pytest.mark.parametrize("stage", [Stage.PENDING, Stage.RUNNING])
def test_what_somebody_removed_is_restored(folder: str, berth: Berth, stage: Stage) -> None:
    berth.begin()
    berth.move(stage)
    before = Path(f"{folder}/pilot.json").read_text()
    shutil.rmtree(folder)
    berth.beat()
    assert files(folder) == {"pilot.json", f"pilot.{stage}"}
    assert Path(f"{folder}/pilot.json").read_text() == before
    assert locks.is_held_at(f"{folder}/pilot.json")


def test_a_stage_whose_file_somebody_removed_can_still_change(folder: str, berth: Berth) -> None:
    Path(f"{folder}/pilot.pending").unlink()
    assert berth.move(Stage.IDLE)
    assert files(folder) == {"pilot.json", "pilot.idle"}


def test_it_gives_signs_of_life(folder: str, berth: Berth, monkeypatch: pytest.MonkeyPatch) -> None:
    record = Path(f"{folder}/pilot.json")
    os.utime(record, (1, 1))
    berth.beat()
    assert record.stat().st_mtime == 1
    monkeypatch.setattr(berths, "HEARTBEAT", 0.0)
    berth.beat()
    assert record.stat().st_mtime > 1


def test_one_that_never_was_leaves_nothing(folder: str, berth: Berth) -> None:
    berth.discard()
    assert files(folder) == set()


def test_an_identifier_is_given_once(folder: str, berth: Berth) -> None:
    Path(f"{folder}/other.draft").touch()
    with pytest.raises(FileExistsError):
        Berth(folder, "other", birth())


def test_a_birth_that_fails_leaves_nothing(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> bytes:
        raise OSError("no space")

    monkeypatch.setattr(berths, "_line", fail)
    with pytest.raises(OSError, match="no space"):
        Berth(folder, "pilot", birth())
    assert files(folder) == set()
