"""The file under a job queue is whole, ours alone, and says what is wrong with it."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from autopyfactory.clients.workstation import job_file
from autopyfactory.errors import Unavailable

INSERT = """
INSERT INTO job (label, arguments, directory, cores, attempts, added) VALUES ('', '[]', '', 1, 1, 0)
"""


def test_it_is_made_for_the_owner_alone_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "jobs"
    job_file.make(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_it_is_made_once(tmp_path: Path) -> None:
    path = tmp_path / "jobs"
    job_file.make(path)
    before = path.stat().st_ino
    job_file.make(path)
    assert path.stat().st_ino == before


def test_many_who_make_it_at_once_get_one_file(tmp_path: Path) -> None:
    path, start = tmp_path / "jobs", threading.Barrier(8)
    troubles: list[Unavailable] = []

    def make() -> None:
        start.wait(10)
        try:
            job_file.make(path)
            with job_file.opened(path, writes=True) as database:
                database.execute(INSERT)
        except Unavailable as error:
            troubles.append(error)

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert troubles == []
    with job_file.opened(path) as database:
        assert database.execute("SELECT COUNT(*) FROM job").fetchone()[0] == 8


def insert_and_fail(path: Path) -> None:
    with job_file.opened(path, writes=True) as database:
        database.execute(INSERT)
        raise RuntimeError


def test_work_that_fails_is_undone(tmp_path: Path) -> None:
    job_file.make(tmp_path / "jobs")
    with pytest.raises(RuntimeError):
        insert_and_fail(tmp_path / "jobs")
    with job_file.opened(tmp_path / "jobs") as database:
        assert database.execute("SELECT COUNT(*) FROM job").fetchone()[0] == 0


def newer(path: Path) -> None:
    job_file.make(path)
    with closing(sqlite3.connect(path)) as database:
        database.execute(f"PRAGMA user_version = {job_file.VERSION + 1}")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda path: None, "no job queue at .*apf jobs add"),
        (lambda path: path.touch(), "is no job queue"),
        (lambda path: path.write_bytes(b"no database" * 1000), "not a database"),
        (newer, "newer autopyfactory"),
        (Path.mkdir, "unable to open"),
    ],
)
def test_a_file_that_is_no_queue_is_named(tmp_path: Path, spoil, words: str) -> None:
    path = tmp_path / "jobs"
    spoil(path)
    with pytest.raises(Unavailable, match=words) as caught, job_file.opened(path):
        raise AssertionError("it opened")
    assert str(path) in str(caught.value)


def test_a_file_that_stays_locked_is_unavailable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "jobs"
    job_file.make(path)
    monkeypatch.setattr(job_file, "PATIENCE", 0.05)
    with (
        job_file.opened(path, writes=True),
        pytest.raises(Unavailable, match="locked"),
        job_file.opened(path, writes=True),
    ):
        raise AssertionError("it opened")


def test_a_place_where_nothing_can_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Unavailable, match="cannot make the job queue"):
        job_file.make(tmp_path / "file" / "jobs")
