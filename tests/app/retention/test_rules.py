"""Which logs may go, and which go first."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autopyfactory.app.retention.rules import (
    DAY,
    Keep,
    Papers,
    age,
    choose,
    may_fill,
    parse_day,
    pilot_of,
)
from autopyfactory.options import FOREVER

TODAY = date(2030, 3, 1)
MIDNIGHT = datetime(2030, 3, 1, tzinfo=UTC).timestamp()


def old(days: float, pilot: str = "1.0", size: int = 10, **proof: bool) -> Papers:
    return Papers(pilot=pilot, files=(f"{pilot}.out",), size=size, written=MIDNIGHT - days * DAY, **proof)


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("2030-03-01", TODAY),
        ("2030-02-30", None),
        ("2030-3-1", None),
        ("20300301", None),
        ("2030-W09-5", None),
        ("2030-03-01x", None),
        ("\u0662\u0660\u0663\u0660-\u0660\u0663-\u0660\u0661", None),
        ("acts", None),
    ],
)
def test_only_the_folder_of_a_day_is_one(name: str, day: date | None) -> None:
    assert parse_day(name) == day


@pytest.mark.parametrize(("second", "days"), [(-1, 1), (0, 2), (1, 2), (86399, 2), (86400, 3)])
def test_days_change_at_midnight_in_utc(second: float, days: int) -> None:
    assert age(TODAY - timedelta(days=2), MIDNIGHT + second) == days


@pytest.mark.parametrize(
    ("name", "pilot"),
    [
        ("17.0.out", "17.0"),
        ("17.0.log", "17.0"),
        ("17.10.err", "17.10"),
        ("20300131T120000-9f-1.job17.out", "20300131T120000-9f-1"),
        ("p-1.out", "p-1"),
        ("README", "README"),
        ("17.0.out.1", "17.0.out.1"),
    ],
)
def test_files_of_one_pilot_are_known_by_their_names(name: str, pilot: str) -> None:
    assert pilot_of(name) == pilot


@pytest.mark.parametrize(
    ("papers", "runs"),
    [
        (old(0.99, has_events=True, has_ended=True), True),
        (old(1.01, has_events=True, has_ended=True), False),
        (old(6.9), True),
        (old(7.1), False),
        (old(29, has_events=True), True),
        (old(30.1, has_events=True), False),
        (old(-5, has_events=True, has_ended=True), True),
    ],
)
def test_a_pilot_may_run_until_its_end_is_told_or_it_was_silent_for_long(papers: Papers, runs: bool) -> None:
    assert papers.may_run(MIDNIGHT) is runs


@pytest.mark.parametrize(
    ("keep", "queue", "days", "expired"),
    [
        (Keep(), "A", 10_000, False),
        (Keep(days=7), "A", 7, False),
        (Keep(days=7), "A", 8, True),
        (Keep(days=7, queues={"A": 30}), "A", 8, False),
        (Keep(days=7, queues={"A": 30}), "B", 8, True),
        (Keep(queues={"A": 2}), "A", 3, True),
        (Keep(queues={"A": 2}), "B", 3, False),
        (Keep(days=7, queues={"A": FOREVER}), "A", 10_000, False),
    ],
)
def test_a_queue_says_else_than_the_factory(keep: Keep, queue: str, days: int, expired: bool) -> None:
    assert keep.is_expired(TODAY - timedelta(days=days), queue, MIDNIGHT) is expired


def test_the_folders_of_the_last_week_stay_also_when_they_are_empty() -> None:
    assert [days for days in range(10) if may_fill(TODAY - timedelta(days=days), MIDNIGHT)] == list(range(8))


def test_for_its_size_no_more_goes_than_must_and_the_oldest_first() -> None:
    papers = [old(10, "3.0"), old(12, "1.0"), old(11, "2.0"), old(1, "4.0")]
    chosen = choose(papers, expired=False, excess=15, room=100, now=MIDNIGHT)
    assert [one.pilot for one in chosen] == ["1.0", "2.0"]
    assert choose(papers, expired=False, excess=0, room=100, now=MIDNIGHT) == []


papers_of = st.builds(
    old,
    st.floats(-1, 60),
    st.integers(1, 10**6).map(lambda number: f"{number}.0"),
    st.integers(0, 10**6),
    has_events=st.booleans(),
    has_ended=st.booleans(),
)


@given(st.lists(papers_of, max_size=30), st.booleans(), st.integers(-10, 10**7), st.integers(0, 40))
def test_whatever_goes_is_over_and_within_its_bounds(
    papers: list[Papers], expired: bool, excess: int, room: int
) -> None:
    chosen = choose(papers, expired=expired, excess=excess, room=room, now=MIDNIGHT)
    assert not any(one.may_run(MIDNIGHT) for one in chosen)
    assert all(MIDNIGHT - one.written >= DAY for one in chosen)
    assert len(chosen) <= room
    assert sorted(one.written for one in chosen) == [one.written for one in chosen]
    if not expired and chosen:
        assert sum(one.size for one in chosen[:-1]) < excess
    over = sum(not one.may_run(MIDNIGHT) for one in papers)
    if expired:
        assert len(chosen) == min(over, room)
