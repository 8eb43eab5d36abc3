"""Real trees of pilot logs, swept."""

import os
import stat
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from autopyfactory.app.retention import sweep as sweep_module
from autopyfactory.app.retention import tree
from autopyfactory.app.retention.rules import DAY, Keep
from autopyfactory.app.retention.sweep import Sweep, Tally

NOON = datetime(2030, 3, 1, 12, tzinfo=UTC)
NOW = NOON.timestamp()
ENDED = "000 (017.000.000) Job submitted\n...\n005 (017.000.000) Job terminated.\n...\n"
RUNNING = "000 (017.000.000) Job submitted\n...\n001 (017.000.000) Job executing\n...\n"


def lay(logs: Path, days: float, queue: str = "A", pilot: str = "17.0", log: str | None = ENDED) -> Path:
    """The logs of a pilot that was sent and last heard of so many days ago; its folder."""
    day = (NOON - timedelta(days=days)).strftime("%Y-%m-%d")
    folder = logs / day / queue
    folder.mkdir(parents=True, exist_ok=True)
    texts = {"out": "o" * 100, "err": "", "log": log}
    for ending, text in texts.items():
        if text is not None:
            (folder / f"{pilot}.{ending}").write_text(text)
            touch(folder / f"{pilot}.{ending}", days)
    return folder


def touch(path: Path, days: float) -> None:
    os.utime(path, (NOW - days * DAY,) * 2, follow_symlinks=False)


def sweep(logs: Path, *, now: float = NOW, days: int | None = None, **more: object) -> Tally:
    bounds = {name: more.pop(name) for name in ("removals", "looks") if name in more}
    keep = Keep(days=days, **more)  # type: ignore[arg-type]
    return Sweep(keep, now, threading.Event(), **bounds).run(logs)  # type: ignore[arg-type]


def names(logs: Path) -> list[str]:
    return sorted(
        str(path.relative_to(logs)) for path in logs.rglob("*") if path.is_symlink() or not path.is_dir()
    )


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Path]:
    """Somebody else's folder, which is the same after the test."""
    outside = tmp_path / "outside"
    (outside / "A").mkdir(parents=True)
    for path in (outside / "precious.out", outside / "A" / "precious.out"):
        path.write_text("precious")
        touch(path, 1000)
    yield outside
    assert names(outside) == ["A/precious.out", "precious.out"]


def test_logs_older_than_they_are_kept_go_with_their_folders(tmp_path: Path) -> None:
    for days in (0, 1, 7, 8, 40):
        lay(tmp_path, days)
    tally = sweep(tmp_path, days=7)
    assert (tally.files, tally.bytes, tally.folders, tally.refused) == (6, 2 * (100 + len(ENDED)), 4, 0)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["2030-02-22", "2030-02-28", "2030-03-01"]


def test_a_tree_that_is_not_there_is_no_trouble(tmp_path: Path) -> None:
    assert sweep(tmp_path / "logs", days=1) == Tally()


def test_the_day_ends_at_midnight_in_utc(tmp_path: Path) -> None:
    lay(tmp_path, 8)  # 2030-02-21
    midnight = datetime(2030, 3, 1, tzinfo=UTC).timestamp()
    assert sweep(tmp_path, days=7, now=midnight - 1).files == 0
    assert sweep(tmp_path, days=7, now=midnight).files == 3


def test_each_queue_keeps_its_own_days(tmp_path: Path) -> None:
    for queue in "ABC":
        lay(tmp_path, 10, queue)
    sweep(tmp_path, days=7, queues={"A": 30, "C": 2})
    assert {name.split("/")[1] for name in names(tmp_path)} == {"A"}


def test_a_pilot_that_may_run_keeps_all_its_files(tmp_path: Path) -> None:
    lay(tmp_path, 20, pilot="17.0", log=RUNNING)
    lay(tmp_path, 20, pilot="18.0")
    folder = lay(tmp_path, 20, pilot="19.0")
    touch(folder / "19.0.out", 0.5)
    lay(tmp_path, 40, pilot="20.0", log=RUNNING)
    lay(tmp_path, 3, pilot="21.0", log=None)
    lay(tmp_path, 8, pilot="22.0", log=None)
    sweep(tmp_path, days=1)
    kept = {name.rpartition("/")[2].rpartition(".")[0] for name in names(tmp_path)}
    assert kept == {"17.0", "19.0", "21.0"}


def test_the_end_is_looked_for_at_the_end_of_a_long_event_log(tmp_path: Path) -> None:
    lay(tmp_path, 3, pilot="17.0", log="006 (017.000.000) Image size\n...\n" * 10_000 + ENDED)
    lay(tmp_path, 3, pilot="18.0", log="009 (018.000.000) Job was aborted.\n...\n")
    lay(tmp_path, 3, pilot="19.0", log="")
    lay(tmp_path, 3, pilot="20.0", log="000 (20.0.0) submitted\n\t005 (of them)\n")
    sweep(tmp_path, days=1)
    assert {name.rpartition("/")[2][:4] for name in names(tmp_path)} == {"19.0", "20.0"}


def test_too_many_bytes_go_the_oldest_first_and_no_more_than_must(tmp_path: Path) -> None:
    for days in (2, 3, 4, 5):
        lay(tmp_path, days, log=ENDED)
    each = 100 + len(ENDED)
    tally = sweep(tmp_path, bytes=3 * each - 1)
    assert tally.bytes == 2 * each
    assert [name[:10] for name in names(tmp_path)] == ["2030-02-26"] * 3 + ["2030-02-27"] * 3
    assert sweep(tmp_path, bytes=3 * each - 1).files == 0


def test_for_no_size_a_log_goes_that_is_younger_than_a_day_or_of_a_pilot_that_may_run(tmp_path: Path) -> None:
    lay(tmp_path, 0)
    lay(tmp_path, 0.9)
    lay(tmp_path, 5, log=RUNNING)
    assert sweep(tmp_path, bytes=1).files == 0


def test_links_are_neither_followed_nor_removed(tmp_path: Path, outside: Path) -> None:
    logs = tmp_path / "logs"
    folder = lay(logs, 40)
    (logs / "2030-01-02").symlink_to(outside)
    (folder.parent / "B").symlink_to(outside / "A")
    for name, aim in (("18.0.out", outside / "precious.out"), ("19.0.out", outside / "A")):
        (folder / name).symlink_to(aim)
        touch(folder / name, 40)
    folder_of_log = lay(logs, 30, pilot="20.0", log=None)
    (folder_of_log / "20.0.log").symlink_to(outside / "precious.out")
    tally = sweep(logs, days=1, bytes=1)
    assert (tally.files, tally.refused) == (5, 0)
    assert len(names(logs)) == 5
    assert all((logs / name).is_symlink() for name in names(logs))


def test_a_folder_that_turns_into_a_link_meanwhile_is_refused(
    tmp_path: Path, outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs = tmp_path / "logs"
    lay(logs, 40)
    folders = tree.folders

    def swapped(parent: int) -> list[str]:
        found = folders(parent)
        if found == ["A"]:
            os.rename("A", "A.was", src_dir_fd=parent, dst_dir_fd=parent)
            os.symlink(outside, "A", dir_fd=parent)
        return found

    monkeypatch.setattr(sweep_module.tree, "folders", swapped)
    tally = sweep(logs, days=1)
    assert (tally.files, tally.refused) == (0, 1)


def test_the_folder_of_all_logs_may_be_a_link(tmp_path: Path) -> None:
    lay(tmp_path / "disk", 40)
    (tmp_path / "logs").symlink_to(tmp_path / "disk")
    assert sweep(tmp_path / "logs", days=1).files == 3
    assert (tmp_path / "logs").is_symlink()


def test_what_is_no_log_is_left_alone(tmp_path: Path) -> None:
    folder = lay(tmp_path, 40)
    others = [
        tmp_path / "robots.txt",
        folder.parent / "note.txt",
        folder / ".nfs01",
        folder / "sub" / "x.out",
    ]
    others.append(tmp_path / "2030-13-01" / "A" / "x.out")
    for path in others:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
        touch(path, 400)
    os.mkfifo(folder / "18.0.log")
    sweep(tmp_path, days=1)
    assert names(tmp_path) == sorted(
        str(path.relative_to(tmp_path)) for path in [*others, folder / "18.0.log"]
    )
    assert stat.S_ISFIFO((folder / "18.0.log").stat().st_mode)


def test_an_event_log_that_is_none_proves_nothing(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "1.0.log")
    with tree.open_top(tmp_path) as top:
        assert not tree.tells_end("1.0.log", top)
        assert not tree.tells_end("2.0.log", top)


def test_files_that_vanish_are_no_trouble_and_forbidden_ones_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay(tmp_path, 40)
    unlink = os.unlink

    def moody(name: str, *, dir_fd: int) -> None:
        if name.endswith(".out"):
            raise PermissionError(13, "Permission denied", name)
        unlink(name, dir_fd=dir_fd)
        if name.endswith(".err"):
            raise FileNotFoundError(2, "No such file", name)

    monkeypatch.setattr(sweep_module.os, "unlink", moody)
    tally = sweep(tmp_path, days=1)
    assert (tally.files, tally.refused) == (1, 1)
    assert "Permission denied" in tally.reason
    assert names(tmp_path) == ["2030-01-20/A/17.0.out"]


def test_a_folder_that_cannot_be_read_spoils_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for queue in "AB":
        lay(tmp_path, 40, queue)
    lay(tmp_path, 50, "A")
    opened = tree.open_folder

    def moody(name: str, parent: int):
        if name in ("A", "2030-01-10"):
            raise PermissionError(13, "Permission denied", name)
        return opened(name, parent)

    monkeypatch.setattr(sweep_module.tree, "open_folder", moody)
    tally = sweep(tmp_path, days=1, bytes=1)
    assert (tally.files, tally.refused) == (3, 4)
    assert {name.split("/")[1] for name in names(tmp_path)} == {"A"}


def test_a_log_that_was_just_written_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = lay(tmp_path, 40)
    choose = sweep_module.choose

    def choose_and_write(papers: object, **bounds: object):
        chosen = choose(papers, **bounds)  # type: ignore[arg-type]
        for name in ("17.0.out", "17.0.err", "17.0.log"):
            touch(folder / name, 0)
        return chosen

    monkeypatch.setattr(sweep_module, "choose", choose_and_write)
    assert sweep(tmp_path, days=1).files == 0
    assert len(names(tmp_path)) == 3


def test_a_sweep_removes_so_many_and_says_that_there_is_more(tmp_path: Path) -> None:
    for number in range(40):
        lay(tmp_path, 20, pilot=f"{number}.0")
    first = sweep(tmp_path, days=1, removals=60)
    assert (first.files, first.is_cut) == (60, True)
    second = sweep(tmp_path, days=1, removals=61)
    assert (second.files, second.is_cut) == (60, False)
    assert not any(tmp_path.iterdir())


def test_a_sweep_looks_at_so_many_and_judges_no_folder_by_a_part_of_it(tmp_path: Path) -> None:
    lay(tmp_path, 20, pilot="1.0")
    lay(tmp_path, 15, pilot="2.0")
    tally = sweep(tmp_path, days=1, looks=5)
    assert (tally.files, tally.is_cut) == (3, True)
    assert len(names(tmp_path)) == 3


def test_a_tree_too_large_to_be_measured_is_cut_by_what_was_measured(tmp_path: Path) -> None:
    for number in range(10):
        lay(tmp_path, 20 - number, pilot=f"{number}.0")
    assert 0 < sweep(tmp_path, bytes=300, looks=15).files < 15


def test_very_many_logs_are_swept(tmp_path: Path) -> None:
    folder = lay(tmp_path, 20)
    for number in range(5000):
        path = folder / f"18.{number}.out"
        path.touch()
        touch(path, 20)
    assert sweep(tmp_path, days=1).files == 5003


def test_a_stop_ends_a_sweep(tmp_path: Path) -> None:
    lay(tmp_path, 20)
    stopping = threading.Event()
    stopping.set()
    assert Sweep(Keep(days=1), NOW, stopping).run(tmp_path).files == 0
