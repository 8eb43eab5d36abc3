"""A history is read by queue and by time, also while it is written."""

import sqlite3
from dataclasses import replace
from itertools import pairwise

import pytest

from autopyfactory.errors import ConfigError, Unavailable
from autopyfactory.history.reader import History, Span
from autopyfactory.history.retention import Keep
from autopyfactory.history.writer import REPORTS, Writer
from reported import Site

KEEP = Keep(days=10_000, bytes=10**9)
SITES = {name: list(Site(name).reports(REPORTS + 20)) for name in ("SITE_A", "SITE_B")}
A = SITES["SITE_A"]


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("history") / "history.sqlite"
    writer = Writer(path, KEEP)
    for reports in SITES.values():
        for report in reports:
            writer.add(report)
    writer.close()
    return path


@pytest.fixture
def history(path):
    with History(path) as opened:
        yield opened


def test_it_knows_its_queues_and_what_it_spans(history):
    assert history.queues() == ["SITE_A", "SITE_B"]
    walls = [report.wall for reports in SITES.values() for report in reports]
    assert history.span() == Span(min(walls), max(walls))


@pytest.mark.parametrize(
    "span", [(0, 5), (3, 3), (100, 200), (REPORTS - 3, REPORTS + 3), (REPORTS + 5, REPORTS + 9)]
)
def test_the_reports_of_a_period_come_in_order(history, span):
    first, last = (A[place].wall for place in span)
    found = [report.number for report in history.reports("SITE_A", Span(first, last))]
    assert found == list(range(span[0] + 1, span[1] + 2))


def test_there_is_nothing_of_another_time_or_queue(history):
    assert list(history.reports("SITE_A", Span(0, 5))) == []
    assert list(history.reports("SITE_C")) == []
    assert history.last("SITE_C") is None


def test_all_queues_together_come_by_time(history):
    reports = list(history.everything())
    assert len(reports) == sum(map(len, SITES.values()))
    assert all(one.wall <= other.wall for one, other in pairwise(reports))


@pytest.mark.parametrize("place", [0, 7, REPORTS - 1, REPORTS, REPORTS + 19])
def test_the_last_report_of_a_moment_is_found(history, place):
    for moment in (A[place].wall, A[place].wall + 5):
        found = history.last("SITE_A", moment)
        assert found is not None
        assert found.number == place + 1


def test_there_is_no_report_before_the_first(history):
    assert history.last("SITE_A", A[0].wall - 1) is None


def test_one_field_of_a_block_is_read_by_itself(history):
    block = next(history.blocks("SITE_A"))
    assert block.count == REPORTS
    assert block.values("wall") == [report.wall for report in A[:REPORTS]]
    assert [seen.now for seen in block.values("seen")] == [report.seen.now for report in A[:REPORTS]]
    assert block.values("decision.count") == [report.decision.count for report in A[:REPORTS]]


def test_it_is_read_while_it_is_written(tmp_path):
    path = tmp_path / "history.sqlite"
    writer = Writer(path, KEEP)
    writer.add(A[0])
    writer.flush()
    with History(path) as history:
        for place in range(1, REPORTS + 5):
            writer.add(A[place])
            writer.flush()
            if place % 50 == 0:
                found = [report.number for report in history.reports("SITE_A")]
                assert found == list(range(1, place + 2))
    writer.close()


def test_a_block_that_has_become_too_old_meanwhile_is_passed_over(tmp_path):
    path = tmp_path / "history.sqlite"
    writer = Writer(path, KEEP)
    for report in A:
        writer.add(report)
    writer.close()
    with History(path) as history:
        blocks = history.blocks("SITE_A", newest_first=True)
        assert next(blocks).count == 20
        with sqlite3.connect(path) as connection:
            connection.execute("DELETE FROM blocks")
        assert list(blocks) == []


def test_an_empty_history_spans_nothing(tmp_path):
    path = tmp_path / "history.sqlite"
    writer = Writer(path, KEEP)
    writer.add(replace(A[0]))
    writer.close()
    with sqlite3.connect(path) as connection:
        connection.execute("DELETE FROM tail")
    with History(path) as history:
        assert history.span() is None
        assert history.queues() == []


def test_no_file_is_told(tmp_path):
    with pytest.raises(ConfigError, match=r"there is no history .*history\.sqlite"):
        History(tmp_path / "history.sqlite")


def of_something_else(whole):
    with sqlite3.connect(":memory:") as connection:
        connection.execute("CREATE TABLE jobs (id)")
        return connection.serialize()


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda whole: b"no database at all " * 300, "is damaged: file is not a database"),
        (lambda whole: whole[:5000], "is damaged: database disk image is malformed"),
        (of_something_else, "it is a database of something else"),
    ],
)
def test_a_file_that_is_none_or_not_whole_is_told(path, tmp_path, damage, words):
    broken = tmp_path / "history.sqlite"
    broken.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ConfigError, match=words):
        History(broken)


def test_a_history_of_a_newer_version_is_refused_with_its_version(path, tmp_path):
    newer = tmp_path / "history.sqlite"
    newer.write_bytes(path.read_bytes())
    with sqlite3.connect(newer) as connection:
        connection.execute("UPDATE version SET schema = 99")
    with pytest.raises(ConfigError, match=r"history .*: it has schema 99, which a newer version"):
        History(newer)


def test_a_history_that_somebody_has_locked_is_asked_for_later(path, tmp_path, monkeypatch):
    monkeypatch.setattr("autopyfactory.history.database.BUSY", 0)
    locked = tmp_path / "history.sqlite"
    locked.write_bytes(path.read_bytes())
    with sqlite3.connect(locked) as connection:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("BEGIN EXCLUSIVE")
        with pytest.raises(Unavailable, match="database is locked"):
            History(locked)


@pytest.mark.parametrize("number", [1, 2, 17, 18, 40])
def test_blocks_that_are_fetched_together_come_in_order(tmp_path, number):
    path = tmp_path / "history.sqlite"
    writer = Writer(path, KEEP)
    for report in A[:number]:  # each new definition begins a block
        writer.add(replace(report, definition=str(report.number)))
    writer.close()
    names = [str(one) for one in range(1, number + 1)]
    with History(path) as history:
        assert [block.definition for block in history.blocks("SITE_A")] == names
        newest_first = history.blocks("SITE_A", newest_first=True)
        assert [block.definition for block in newest_first] == names[::-1]
