"""Which part of a history is replayed, and all queues of it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assembling import planned, with_head
from autopyfactory.app.replay.record import WEEK, find_span, replay_all
from autopyfactory.errors import ConfigError
from autopyfactory.history.database import FILE, connect
from autopyfactory.history.reader import History, Span
from autopyfactory.plan import Plan
from remembered import CYCLES, INTERVAL, NOW, remember

FIRST = NOW - (CYCLES - 1) * INTERVAL
TABLES = "[source.x]\nkind = 'local'\n"


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    remember(tmp_path)
    with History(tmp_path / FILE) as opened:
        yield opened


def text(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat()


def plan(text: str) -> Plan:
    return planned(with_head(text))


@pytest.mark.parametrize(
    ("since", "until", "span"),
    [
        (None, None, Span(FIRST, NOW)),
        (text(NOW - 3600), None, Span(NOW - 3600, NOW)),
        (None, text(NOW - 3600), Span(FIRST, NOW - 3600)),
        (text(FIRST - 100), text(NOW + 100), Span(FIRST, NOW)),
    ],
)
def test_the_part_that_is_meant_is_within_the_record(
    history: History, since: str | None, until: str | None, span: Span
) -> None:
    assert find_span(history, since, until) == span


def test_without_a_word_it_is_the_last_week(history: History) -> None:
    assert WEEK == 7 * 24 * 3600
    assert find_span(history, None, None).first == max(FIRST, NOW - WEEK)


@pytest.mark.parametrize(
    ("since", "until"),
    [
        (text(NOW + 1), None),
        (None, text(FIRST - 1)),
        (text(NOW), text(FIRST)),
    ],
)
def test_a_time_outside_of_the_record_is_told_with_the_record(
    history: History, since: str | None, until: str | None
) -> None:
    with pytest.raises(
        ConfigError, match=r"nothing is known from .*: the history goes from 2030-01-31T02:06:00Z"
    ):
        find_span(history, since, until)


def test_an_empty_history_has_no_part(tmp_path: Path) -> None:
    connect(tmp_path / FILE, make=True).close()
    with History(tmp_path / FILE) as opened, pytest.raises(ConfigError, match="no cycle has ended yet"):
        find_span(opened, None, None)


def test_queues_of_both_are_replayed_and_the_others_are_named(history: History) -> None:
    shown: list[float] = []
    new = plan("[queue.SITE_A]\n[queue.LATE]\n[queue.OTHER]\n")
    found = replay_all(history, find_span(history, None, None), new, shown.append)
    assert (sorted(found.queues), found.gone, found.new) == (["LATE", "SITE_A"], ("GONE",), ("OTHER",))
    assert found.total.cycles == sum(trial.cycles for trial in found.queues.values()) == CYCLES + 3
    assert shown == sorted(shown)


def test_a_queue_without_a_cycle_in_that_time_is_not_recorded(history: History) -> None:
    early = Span(FIRST, FIRST + 3600)
    found = replay_all(history, early, plan("[queue.SITE_A]\n[queue.LATE]\n"), lambda _: None)
    assert (sorted(found.queues), found.new) == (["SITE_A"], ("LATE",))


def test_a_configuration_of_other_queues_is_refused(history: History) -> None:
    with pytest.raises(ConfigError, match=r"no recorded queue is in this configuration.*'GONE'"):
        replay_all(history, Span(FIRST, NOW), plan("[queue.GONNE]\n"), lambda _: None)


def test_cycles_under_what_nobody_can_make_are_told_with_the_queue(history: History) -> None:
    with pytest.raises(ConfigError, match="queue 'GONE': nobody knows what it was configured as"):
        replay_all(history, Span(FIRST, NOW), None, lambda _: None)
