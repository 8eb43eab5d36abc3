"""From outside, a pilot lives exactly as long as its record is locked."""

import os
import shutil
import time
from pathlib import Path

import pytest

from autopyfactory.clients import locks
from autopyfactory.clients.workstation import spool as spools
from autopyfactory.clients.workstation.berth import Berth, Stage
from autopyfactory.clients.workstation.spool import LOST, Spool
from autopyfactory.errors import Unavailable
from workstation import birth


@pytest.fixture
def folder(tmp_path: Path) -> str:
    return str(tmp_path / "pilots")


@pytest.fixture
def spool(folder: str) -> Spool:
    return Spool(folder, "ours")


def ended(folder: str, identifier: str, serial: int = 1, **facts: str) -> None:
    berth = Berth(folder, identifier, birth(serial=serial, **facts))
    berth.begin()
    berth.end("done")
    berth.close()


def stages(spool: Spool) -> dict[str, Stage]:
    return {record.identifier: record.stage for record in spool.records()}


def test_a_folder_that_is_not_there_holds_no_pilots(spool: Spool) -> None:
    assert spool.records() == []


def test_pilots_are_seen_at_their_stages(folder: str, spool: Spool) -> None:
    berths = {stage: Berth(folder, stage.value, birth(serial=number)) for number, stage in enumerate(Stage)}
    for stage, berth in berths.items():
        berth.move(stage)
    found = stages(spool)
    assert found == {stage.value: stage for stage in Stage if stage is not Stage.ENDED} | {
        "ended": Stage.ENDED
    }
    assert list(found) == [stage.value for stage in Stage]
    assert stages(spool) == found


def test_a_record_holds_what_was_written(folder: str, spool: Spool) -> None:
    berth = Berth(folder, "pilot", birth(tag="t-1", cores=4, submitted=7.0))
    (record,) = spool.records()
    assert (record.tag, record.cores, record.submitted, record.run_time) == ("t-1", 4, 7.0, 0.0)
    berth.begin()
    (record,) = spool.records()
    assert record.began == pytest.approx(time.time(), abs=60)
    assert 0 < (record.began_monotonic or 0.0) <= time.monotonic()
    berth.end("done")
    berth.close()
    (record,) = spool.records()
    assert (record.reason, record.ended) == ("done", pytest.approx(time.time(), abs=60))
    assert record.run_time == (record.ended or 0.0) - (record.began or 0.0)


def test_a_pilot_whose_lock_is_gone_is_lost_since_its_last_sign_of_life(folder: str, spool: Spool) -> None:
    berth = Berth(folder, "pilot", birth())
    berth.move(Stage.RUNNING)
    os.utime(f"{folder}/pilot.json", (1000, 1000))
    assert stages(spool) == {"pilot": Stage.RUNNING}
    berth.close()
    (record,) = spool.records()
    assert (record.stage, record.reason, record.ended) == (Stage.ENDED, LOST, 1000)
    assert (Path(folder) / "pilot.ended").exists()
    assert Spool(folder, "ours").records() == [record]


def test_pilots_of_other_factories_are_not_seen_and_not_touched(folder: str, spool: Spool) -> None:
    theirs = Berth(folder, "theirs", birth(factory="theirs"))
    theirs.close()
    before = Path(f"{folder}/theirs.json").read_text()
    assert spool.records() == []
    assert spool.records() == []
    assert Path(f"{folder}/theirs.json").read_text() == before
    assert Path(f"{folder}/theirs.pending").exists()


def test_only_a_pilot_that_is_still_at_its_stage_is_retired(folder: str, spool: Spool) -> None:
    berth = Berth(folder, "pilot", birth())
    (pending,) = spool.records()
    berth.move(Stage.IDLE)
    assert not spool.retire(pending)
    (idle,) = spool.records()
    assert spool.retire(idle)
    assert berth.is_retired()


def test_an_ended_pilot_is_read_once(folder: str, spool: Spool) -> None:
    ended(folder, "pilot")
    before = spool.records()
    Path(f"{folder}/pilot.json").write_text("nonsense")
    assert spool.records() == before


def test_pilots_that_vanish_are_not_zero(folder: str, spool: Spool) -> None:
    berth = Berth(folder, "pilot", birth())
    assert len(spool.records()) == 1
    shutil.rmtree(folder)
    with pytest.raises(Unavailable, match=r"vanished .*such as pilot"):
        spool.records()
    berth.beat()
    assert len(spool.records()) == 1


def test_pilots_that_vanished_long_ago_are_forgotten(
    folder: str, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    Berth(folder, "pilot", birth())
    assert len(spool.records()) == 1
    shutil.rmtree(folder)
    monkeypatch.setattr(spools, "RESTORED", 0.0)
    assert spool.records() == []


@pytest.mark.parametrize("tail", [b'{"ended": 5', b"\x00\x00\n", b"7\n"])
def test_a_line_that_was_cut_is_left_out(folder: str, spool: Spool, tail: bytes) -> None:
    berth = Berth(folder, "pilot", birth())
    with Path(f"{folder}/pilot.json").open("ab") as record:
        record.write(tail)
    assert stages(spool) == {"pilot": Stage.PENDING}
    berth.close()
    assert stages(spool) == {"pilot": Stage.ENDED}


def test_a_fact_of_a_newer_version_is_left_out(folder: str, spool: Spool) -> None:
    berth = Berth(folder, "pilot", birth())
    with Path(f"{folder}/pilot.json").open("ab") as record:
        record.write(b'{"colour": "red"}\n')
    assert stages(spool) == {"pilot": Stage.PENDING}
    berth.close()


def test_a_record_without_birth_is_a_trouble_while_its_pilot_lives(folder: str, spool: Spool) -> None:
    berth = Berth(folder, "pilot", birth())
    Path(f"{folder}/pilot.json").write_bytes(b"")
    with pytest.raises(Unavailable, match=r"pilot\.json, whose pilot lives"):
        spool.records()
    berth.close()
    assert spool.records() == []


def test_a_stage_that_changes_too_fast_counts_as_running(folder: str, spool: Spool) -> None:
    berth = Berth(folder, "pilot", birth())
    Path(f"{folder}/pilot.pending").unlink()
    assert stages(spool) == {"pilot": Stage.RUNNING}
    berth.close()


@pytest.mark.parametrize("spoil", [lambda path: path.write_text(""), lambda path: path.symlink_to(path)])
def test_a_folder_that_cannot_be_read_is_not_zero(folder: str, spool: Spool, spoil) -> None:
    spoil(Path(folder))
    with pytest.raises(Unavailable, match="cannot read the folder of pilots"):
        spool.records()


def test_a_record_that_cannot_be_read_is_not_zero(folder: str, spool: Spool) -> None:
    Path(folder).mkdir()
    Path(f"{folder}/pilot.json").symlink_to("pilot.json")
    with pytest.raises(Unavailable, match="cannot read the record of pilot pilot"):
        spool.records()


def test_a_record_that_is_removed_meanwhile_is_left_out(folder: str, spool: Spool) -> None:
    Path(folder).mkdir()
    Path(f"{folder}/pilot.json").symlink_to("nowhere")
    assert spool.records() == []


@pytest.mark.parametrize(
    ("keep", "young", "old", "kept"),
    [
        (1000, 600.0, 86400.0, {"1", "2", "3", "4", "other"}),
        (2, 600.0, 86400.0, {"1", "2", "3", "4", "other"}),
        (2, -1.0, 86400.0, {"4", "other"}),
        (3, -1.0, 86400.0, {"3", "4", "other"}),
        (1000, 600.0, -1.0, {"4", "other"}),
    ],
)
def test_old_records_are_removed_but_a_queues_last_one_stays(
    folder: str, spool: Spool, monkeypatch: pytest.MonkeyPatch, keep, young, old, kept
) -> None:
    monkeypatch.setattr(spools, "KEEP", keep)
    monkeypatch.setattr(spools, "KEEP_YOUNG", young)
    monkeypatch.setattr(spools, "KEEP_OLD", old)
    for serial in range(1, 5):
        ended(folder, str(serial), serial)
    ended(folder, "other", queue="OTHER")
    living = Berth(folder, "living", birth(serial=9))
    spool.records()
    spool.prune()
    assert set(stages(spool)) == kept | {"living"}
    names = {file.name for file in Path(folder).iterdir()}
    assert names == {f"{name}.{end}" for name in kept for end in ("json", "ended")} | {
        "living.json",
        "living.pending",
    }
    living.close()


def test_a_draft_that_nobody_holds_is_removed_when_it_is_old(folder: str, spool: Spool) -> None:
    Path(folder).mkdir()
    for name in ("old.draft", "old.pending", "new.draft", "held.draft"):
        Path(f"{folder}/{name}").touch()
        os.utime(f"{folder}/{name}", None if name.startswith("new") else (1, 1))
    lock = locks.open_locked(f"{folder}/held.draft")
    assert lock is not None
    spool.prune()
    assert {file.name for file in Path(folder).iterdir()} == {"new.draft", "held.draft"}
    os.close(lock)


def test_a_draft_that_is_born_while_one_tidies_up_is_left_alone(
    folder: str, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "_names", lambda: ["born.draft"])
    Path(folder).mkdir()
    spool.prune()
    assert list(Path(folder).iterdir()) == []
