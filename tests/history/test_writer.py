"""Reports are written in batches; what cannot be written is told, and the next ones find room."""

import os
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from autopyfactory.errors import Unavailable
from autopyfactory.history import writer as module
from autopyfactory.history.reader import History
from autopyfactory.history.retention import Keep
from autopyfactory.history.writer import REPORTS, Writer
from autopyfactory.model import Report
from reported import Site

KEEP = Keep(days=10_000, bytes=10**9)
FULL = "CREATE TRIGGER full BEFORE INSERT ON tail BEGIN SELECT RAISE(FAIL, 'disk is full'); END"
DAY = list(Site("SITE_A").reports(2 * REPORTS + 10))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "history.sqlite"


def write(path, reports):
    """Write all of these and let the file go."""
    writer = Writer(path, KEEP)
    for report in reports:
        writer.add(report)
    writer.close()


def numbers(path, queue="SITE_A"):
    with History(path) as history:
        return [report.number for report in history.reports(queue)]


def counts(path):
    """Rows of the tail, and blocks."""
    with sqlite3.connect(path) as connection:
        return tuple(
            connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in ("tail", "blocks")
        )


def test_so_many_reports_become_a_block_and_the_rest_stays_in_the_tail(path):
    write(path, DAY)
    assert counts(path) == (10, 2)
    assert numbers(path) == [report.number for report in DAY]


def test_a_batch_is_written_when_it_is_full_or_when_that_is_asked_for(path, monkeypatch):
    monkeypatch.setattr(module, "BATCH", 3)
    writer = Writer(path, KEEP)
    for report in DAY[:4]:
        writer.add(report)
    assert numbers(path) == [1, 2, 3]
    writer.flush()
    assert numbers(path) == [1, 2, 3, 4]
    writer.close()


def test_nothing_is_written_of_nothing(path):
    writer = Writer(path, KEEP)
    writer.flush()
    writer.close()
    assert not path.exists()


@pytest.mark.parametrize("definition", ["{}", '{"a": 1}'])
def test_a_new_writer_or_definition_begins_a_new_block(path, definition):
    write(path, DAY[:5])
    write(path, [replace(report, definition=definition) for report in DAY[5:9]])
    assert counts(path) == (4, 1)
    with History(path) as history:
        assert [block.definition for block in history.blocks("SITE_A")] == ["{}", definition]
    assert numbers(path) == list(range(1, 10))


def test_a_changed_definition_begins_a_new_block_in_the_middle_of_a_batch(path):
    write(path, [*DAY[:5], *(replace(report, definition="{1}") for report in DAY[5:9])])
    assert counts(path) == (4, 1)
    assert numbers(path) == list(range(1, 10))


def test_queues_do_not_mix(path):
    other = list(Site("SITE_B").reports(20))
    write(path, [report for pair in zip(DAY, other, strict=False) for report in pair])
    with History(path) as history:
        assert history.queues() == ["SITE_A", "SITE_B"]
        assert [report.queue for report in history.reports("SITE_B")] == ["SITE_B"] * 20


def test_a_file_that_is_no_history_is_set_aside_and_a_new_one_begins(path):
    path.write_bytes(b"this is no database, " * 100)
    writer = Writer(path, KEEP)
    writer.add(DAY[0])
    with pytest.raises(Unavailable, match=r"damaged-\d+T\d+Z, and a new one begins; reports lost: 1$"):
        writer.flush()
    [kept] = path.parent.glob("history.sqlite.damaged-*")
    assert kept.read_bytes().startswith(b"this is no database")
    writer.add(DAY[1])
    writer.close()
    assert numbers(path) == [2]


def test_a_history_that_is_damaged_while_it_is_written_is_set_aside(path):
    write(path, DAY)
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    writer = Writer(path, KEEP)
    writer.add(DAY[0])
    with pytest.raises(Unavailable, match="a new one begins"):
        writer.flush()
    writer.add(replace(DAY[0], number=7))
    writer.close()
    assert numbers(path) == [7]
    assert list(path.parent.glob("history.sqlite.damaged-*"))


def cut_in_the_middle(path):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    os.truncate(path, 3 * 4096 + 100)


def make_garbage(path):
    """As long as before, so that it is found when the file is opened anew."""
    for part in (path, path.with_name(f"{path.name}-wal")):
        part.write_bytes(b"?" * part.stat().st_size)


@pytest.mark.parametrize(("harm", "retain"), [(cut_in_the_middle, 600.0), (make_garbage, 0.0)])
def test_a_file_that_others_damage_under_the_writer_is_set_aside(path, monkeypatch, harm, retain):
    monkeypatch.setattr(module, "RETAIN", retain)
    writer = Writer(path, KEEP)
    for report in DAY[:50]:
        writer.add(report)
    writer.flush()
    harm(path)
    writer.add(DAY[50])
    with pytest.raises(Unavailable, match=r"damaged-\d+T\d+Z, and a new one begins; reports lost: 1$"):
        writer.flush()
    writer.add(DAY[51])
    writer.close()
    assert numbers(path) == [52]
    assert list(path.parent.glob("history.sqlite.damaged-*"))


@pytest.mark.parametrize("moved", [False, True])
def test_where_others_delete_or_replace_the_file_a_new_one_begins(path, tmp_path, moved):
    writer = Writer(path, KEEP)
    writer.add(DAY[0])
    writer.flush()
    for part in tmp_path.glob("history.sqlite*"):
        part.unlink()
    if moved:
        write(path, DAY[3:4])
    writer.add(DAY[1])
    with pytest.raises(Unavailable, match=r"is (gone: No such|another) file.*; reports lost: 1$"):
        writer.flush()
    writer.add(DAY[2])
    writer.close()
    assert numbers(path) == ([4, 3] if moved else [3])


@pytest.mark.parametrize("emptied", [False, True])
def test_where_something_is_cut_off_and_the_rest_is_whole_it_goes_on(path, emptied):
    writer = Writer(path, KEEP)
    for report in DAY[:3]:
        writer.add(report)
    writer.flush()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    if emptied:
        os.truncate(path, 0)
    writer.add(DAY[3])
    with pytest.raises(Unavailable, match=r"history\.sqlite was cut short; reports lost: 1$"):
        writer.flush()
    writer.add(DAY[4])
    writer.close()
    assert numbers(path) == ([5] if emptied else [1, 2, 3, 5])


def test_a_full_disk_costs_the_reports_of_that_time_alone(path):
    writer = Writer(path, KEEP)
    writer.add(DAY[0])
    writer.flush()
    with sqlite3.connect(path) as connection:
        connection.execute(
            "CREATE TRIGGER full BEFORE INSERT ON tail BEGIN SELECT RAISE(FAIL, 'disk is full'); END"
        )
    writer.add(DAY[1])
    writer.add(DAY[2])
    with pytest.raises(Unavailable, match=r"history\.sqlite: disk is full; reports lost: 2$"):
        writer.flush()
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TRIGGER full")
    for report in DAY[3:6]:
        writer.add(report)
    writer.close()
    assert numbers(path) == [1, 4, 5, 6]


def test_a_history_of_a_newer_version_is_left_alone(path):
    write(path, DAY[:1])
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE version SET schema = 99")
    writer = Writer(path, KEEP)
    writer.add(DAY[1])
    with pytest.raises(Unavailable, match="has schema 99, which a newer version of the factory wrote"):
        writer.flush()
    assert counts(path) == (1, 0)
    assert not list(path.parent.glob("*damaged*"))


def test_a_folder_that_is_gone_is_told(tmp_path):
    writer = Writer(tmp_path / "gone" / "history.sqlite", KEEP)
    writer.add(Report(queue="q"))
    with pytest.raises(Unavailable, match=r"unable to open database file; reports lost: 1$"):
        writer.close()


def test_what_is_too_old_goes_when_it_is_time(path, monkeypatch):
    monkeypatch.setattr(module, "RETAIN", 0.0)
    writer = Writer(path, Keep(days=1, bytes=10**9))
    writer.add(DAY[0])  # of 2023
    writer.close()
    assert counts(path) == (0, 0)
