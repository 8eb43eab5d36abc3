"""How jobs ended is kept in order, bounded, and each job once."""

from typing import Any

import pytest

from autopyfactory.clients.condor import chronicle as chronicles
from autopyfactory.clients.condor.chronicle import LOOK_BACK, WINDOW, Chronicle

Record = tuple[float, float, str]


def make(end: float, run_time: float, reason: str, identifier: str) -> Record:
    assert identifier
    return end, run_time, reason


@pytest.fixture
def chronicle() -> Chronicle[Record]:
    return Chronicle(make, ignored="retired by us")


def reading(*rows: tuple[str, str, float], unborn: int = 0, reason: str = "exit code 0") -> dict[str, Any]:
    """An answer with rows of key, identifier and end."""
    told = [[key, identifier, end, 5.0, reason] for key, identifier, end in rows]
    return {
        "cursor": rows[-1][1] if rows else "",
        "rows": told,
        "unborn": {"q": {reason: unborn}} if unborn else {},
    }


def ends(chronicle: Chronicle[Record], key: str = "q", clock: float = 1000.0) -> list[float]:
    return [end for end, _, _ in chronicle.of(key, clock)]


def test_records_lie_in_the_order_of_their_ends_by_key(chronicle: Chronicle[Record]) -> None:
    chronicle.add(reading(("q", "1.0", 30.0), ("r", "1.1", 10.0), ("q", "1.2", 20.0)), 1000)
    chronicle.add(reading(("q", "1.3", 25.0)), 1000)
    assert ends(chronicle) == [20.0, 25.0, 30.0]
    assert chronicle.of("r", 1000) == ((10.0, 5.0, "exit code 0"),)
    assert ends(chronicle, "unheard of") == []
    assert chronicle.cursor == "1.3"


def test_a_job_told_twice_is_one(chronicle: Chronicle[Record]) -> None:
    for _ in range(2):
        chronicle.add(reading(("q", "1.0", 30.0), ("q", "1.1", 30.0)), 1000)
    assert ends(chronicle) == [30.0, 30.0]


def test_only_so_many_are_kept_the_newest(
    chronicle: Chronicle[Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chronicles, "RECORDS", 2)
    chronicle.add(reading(*(("q", f"1.{n}", float(n)) for n in range(5))), 1000)
    assert ends(chronicle) == [3.0, 4.0]


def test_old_ones_are_forgotten(chronicle: Chronicle[Record]) -> None:
    chronicle.add(reading(("q", "1.0", 100.0), ("q", "1.1", 200.0)), 1000)
    assert ends(chronicle, clock=100.0 + LOOK_BACK) == [100.0, 200.0]
    assert ends(chronicle, clock=150.0 + LOOK_BACK) == [200.0]


def test_those_that_we_took_away_tell_nothing_of_the_place(chronicle: Chronicle[Record]) -> None:
    chronicle.add(reading(("q", "1.0", 10.0), reason="retired by us (by user x)"), 1000)
    assert ends(chronicle) == []


def test_those_that_never_ran_are_counted_by_reason_for_a_while(chronicle: Chronicle[Record]) -> None:
    chronicle.add(reading(unborn=2, reason=""), 1000)
    chronicle.add(reading(unborn=3, reason=""), 2000)
    chronicle.add(reading(unborn=1, reason="refused"), 2000)
    found = [chronicle.unborn("q", 1000 + at) for at in (WINDOW, WINDOW + 1, WINDOW + 1001)]
    assert found == [{"": 5, "refused": 1}, {"": 3, "refused": 1}, {}]
    assert chronicle.unborn("r", 1000) == {}


def test_those_that_we_took_away_before_they_ran_are_not_counted(chronicle: Chronicle[Record]) -> None:
    chronicle.add(reading(unborn=2, reason="retired by us"), 1000)
    assert chronicle.unborn("q", 1000) == {}
