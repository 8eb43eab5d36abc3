"""What has become too old or too much goes, the oldest first."""

import pytest

from autopyfactory.history.database import connect
from autopyfactory.history.reader import History
from autopyfactory.history.retention import DAY, Keep, retain, size
from autopyfactory.history.tables import DEFINITIONS
from autopyfactory.history.writer import REPORTS, Writer
from reported import Site

ALL = Keep(days=10_000, bytes=10**9)
REPORTS_OF_A = list(Site("SITE_A").reports(4 * REPORTS + 20))
REPORTS_OF_B = list(Site("SITE_B").reports(20))


@pytest.fixture
def connection(tmp_path):
    writer = Writer(tmp_path / "history.sqlite", ALL)
    for report in (*REPORTS_OF_A, *REPORTS_OF_B):
        writer.add(report)
    writer.close()
    with connect(tmp_path / "history.sqlite", make=False) as opened:
        yield opened


def numbers(tmp_path, queue):
    with History(tmp_path / "history.sqlite") as history:
        return [report.number for report in history.reports(queue)]


def test_what_is_young_and_little_stays(connection, tmp_path):
    retain(connection, ALL, REPORTS_OF_A[-1].wall)
    assert len(numbers(tmp_path, "SITE_A")) == len(REPORTS_OF_A)
    assert len(numbers(tmp_path, "SITE_B")) == len(REPORTS_OF_B)


def test_blocks_go_when_all_in_them_is_too_old_and_rows_when_their_queue_has_ended(connection, tmp_path):
    retain(connection, Keep(days=1, bytes=10**9), REPORTS_OF_A[2 * REPORTS].wall + DAY)
    assert numbers(tmp_path, "SITE_A") == list(range(2 * REPORTS + 1, len(REPORTS_OF_A) + 1))
    assert numbers(tmp_path, "SITE_B") == []


def test_a_definition_goes_with_the_last_report_that_needs_it(connection):
    retain(connection, Keep(days=1, bytes=10**9), REPORTS_OF_A[-1].wall + 2 * DAY)
    with connection.begin():
        assert connection.execute(DEFINITIONS.select()).all() == []


def test_of_too_much_the_oldest_goes_and_the_disk_gets_it_back(connection, tmp_path):
    file = tmp_path / "history.sqlite"
    before = size(connection)
    retain(connection, Keep(days=10_000, bytes=before - 40_000), REPORTS_OF_A[-1].wall)
    assert size(connection) <= before - 40_000
    left = numbers(tmp_path, "SITE_A")
    assert left == list(range(left[0], len(REPORTS_OF_A) + 1))
    assert left[0] > 1
    connection.close()  # the last one takes the log up
    assert file.stat().st_size <= before - 40_000


def test_the_newest_reports_stay_however_little_is_allowed(connection, tmp_path):
    retain(connection, Keep(days=10_000, bytes=1), REPORTS_OF_A[-1].wall)
    assert len(numbers(tmp_path, "SITE_A")) == 20
