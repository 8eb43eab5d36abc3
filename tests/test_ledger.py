"""Acts without an answer stand until they are found, or surely lacking; also across a kill."""

import logging
import os
import shutil
import threading
from dataclasses import replace

import pytest

from autopyfactory.call import Call
from autopyfactory.errors import Unavailable
from autopyfactory.journal import NAME, replay
from autopyfactory.ledger import Entry, Ledger
from autopyfactory.testing import until

ACT = Entry(tag="t1", queue="q", target="site", count=10)


@pytest.fixture
def ledger(tmp_path):
    ledger = Ledger(tmp_path / "acts")
    ledger.load(0.0)
    return ledger


def left(tmp_path):
    """The acts that the next daemon would find."""
    return [record.tag for record in replay([tmp_path / "acts" / NAME])]


def test_an_answered_act_leaves_nothing(ledger, tmp_path):
    ledger.begin(ACT)
    assert left(tmp_path) == ["t1"]
    assert ledger.open() == [ACT]
    ledger.strike("t1")
    assert left(tmp_path) == []
    assert ledger.open() == []
    assert ledger.tags("site") == []


def test_an_act_under_way_is_not_looked_for(ledger):
    ledger.begin(ACT)
    assert ledger.tags("site") == []


@pytest.mark.parametrize(
    ("found", "begun", "remaining"),
    [
        ({}, [101], {"q": 10}),
        ({}, [101, 160.9], {"q": 10}),
        ({}, [101, 161], {}),
        ({}, [500], {"q": 10}),
        ({}, [500, 560], {}),
        ({"t1": 4}, [101], {"q": 6}),
        ({"t1": 4}, [101, 161], {}),
        ({"t1": 10}, [101], {}),
        ({"t1": 12}, [101], {}),
    ],
)
def test_a_doubtful_act_counts_what_readings_lack_until_they_lacked_it_long_enough(
    ledger, found, begun, remaining
):
    ledger.begin(ACT)
    ledger.doubt(ACT, None, 100.0)
    assert ledger.tags("site") == ["t1"]
    assert ledger.tags("elsewhere") == []
    assert [ledger.found("site", found, moment, 60.0) for moment in begun][-1] == remaining
    assert ledger.tags("site") == (["t1"] if remaining else [])


def test_a_reading_that_began_before_its_caller_was_dead_tells_nothing(ledger):
    ledger.begin(ACT)
    ledger.doubt(ACT, None, 100.0)
    assert ledger.found("site", {}, 99.0, 60.0) == {"q": 10}
    assert ledger.found("site", {}, 159.5, 60.0) == {"q": 10}
    assert ledger.found("site", {}, 219.5, 60.0) == {}


def test_while_its_caller_may_still_act_it_stands_whatever_is_found(ledger):
    call = Call("submit", lambda: None, lambda: 510.0)
    ledger.begin(ACT)
    ledger.doubt(ACT, call, 100.0)
    assert ledger.found("site", {"t1": 10}, 500.0, 60.0) == {"q": 0}
    assert ledger.found("site", {}, 500.0, 60.0) == {"q": 10}
    call.perform()
    assert ledger.found("site", {}, 511.0, 60.0) == {"q": 10}
    assert ledger.found("site", {}, 570.0, 60.0) == {"q": 10}
    assert ledger.found("site", {}, 571.0, 60.0) == {}


def test_other_targets_are_left_alone(ledger):
    ledger.begin(ACT)
    ledger.doubt(ACT, None, 100.0)
    assert ledger.found("elsewhere", {}, 1000.0, 60.0) == {}
    assert ledger.tags("site") == ["t1"]


def test_a_killed_daemon_leaves_its_acts_to_the_next_one(ledger, tmp_path):
    ledger.begin(ACT)
    second = Ledger(tmp_path / "acts")
    second.load(200.0)
    assert second.tags("site") == ["t1"]
    assert second.found("site", {}, 201.0, 60.0) == {"q": 10}
    assert second.found("site", {"t1": 10}, 202.0, 60.0) == {}
    assert left(tmp_path) == []


def test_acts_are_kept_from_the_moment_when_the_folder_is_known(tmp_path):
    ledger = Ledger()
    ledger.begin(ACT)
    ledger.keep(tmp_path / "acts")
    ledger.load(0.0)
    ledger.begin(replace(ACT, tag="t2"))
    assert left(tmp_path) == ["t2"]


def test_a_full_disk_stops_no_submission(ledger, tmp_path, caplog):
    (tmp_path / "acts" / NAME).unlink()
    (tmp_path / "acts" / NAME).symlink_to("/dev/full")
    with caplog.at_level(logging.WARNING):
        ledger.begin(ACT)
        ledger.begin(replace(ACT, tag="t2"))
    assert caplog.text.count("No space left") == 2
    ledger.strike("t1")
    assert [entry.tag for entry in ledger.open()] == ["t2"]


def test_a_folder_that_is_gone_stops_no_submission(ledger, tmp_path, caplog):
    ledger.begin(ACT)
    shutil.rmtree(tmp_path / "acts")
    with caplog.at_level(logging.WARNING):
        ledger.begin(replace(ACT, tag="t2"))
    assert "No such file" in caplog.text
    ledger.strike("t2")
    assert ledger.open() == [ACT]


def test_a_disk_that_hangs_keeps_nobody_but_who_writes(tmp_path):
    os.mkfifo(tmp_path / NAME)  # whoever opens it for writing waits for a reader
    ledger = Ledger(tmp_path)
    writers = [
        threading.Thread(target=ledger.begin, args=[replace(ACT, tag=tag)], daemon=True)
        for tag in ("t1", "t2")
    ]
    for writer in writers:
        writer.start()
    assert until(lambda: len(ledger.open()) == 2)
    ledger.doubt(ACT, None, 100.0)
    assert ledger.tags("site") == ["t1"]
    assert ledger.found("site", {}, 101.0, 60.0) == {"q": 10}
    assert all(writer.is_alive() for writer in writers)
    with (tmp_path / NAME).open("rb"):
        for writer in writers:
            writer.join(10)
    assert not any(writer.is_alive() for writer in writers)


def test_without_a_folder_nothing_is_written():
    ledger = Ledger()
    ledger.load(0.0)
    ledger.begin(ACT)
    ledger.doubt(ACT, None, 1.0)
    ledger.strike("t1")
    assert ledger.tags("site") == []


def test_a_call_that_ended_with_an_error_is_dead_at_once(ledger):
    def fail() -> None:
        raise Unavailable("killed")

    call = Call("submit", fail, lambda: 50.0)
    call.perform()
    ledger.begin(ACT)
    ledger.doubt(ACT, call, 100.0)
    assert ledger.found("site", {}, 101.0, 60.0) == {"q": 10}
    assert ledger.found("site", {}, 161.0, 60.0) == {}


def test_what_settled_leaves_nothing_to_the_next_daemon(ledger, tmp_path):
    ledger.begin(ACT)
    ledger.doubt(ACT, None, 100.0)
    ledger.found("site", {"t1": 10}, 101.0, 60.0)
    assert left(tmp_path) == []
