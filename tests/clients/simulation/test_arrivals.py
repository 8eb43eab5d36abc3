"""Jobs come steadily, by chance, in bursts and as they were recorded, always in order."""

from itertools import islice, pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autopyfactory.clients.simulation.arrivals import Arrival, Stream, arrivals


def first(number: int, *, seed: int = 1, recorded: tuple[Arrival, ...] = (), **words: Any) -> list[Arrival]:
    return list(islice(arrivals(Stream.model_validate(words), Random(seed), recorded), number))


def test_without_a_word_no_job_comes() -> None:
    assert first(5) == []


def test_an_even_stream_has_equal_times() -> None:
    assert first(3, per_hour=60, rhythm="even") == [(60.0, 1), (120.0, 1), (180.0, 1)]


def test_a_poisson_stream_keeps_its_rate() -> None:
    assert first(10_000, per_hour=3600)[-1][0] == pytest.approx(10_000, rel=0.05)


def test_bursts_come_again_where_they_say_so() -> None:
    burst = {"after": "10s", "jobs": 5}
    assert first(3, bursts=[burst]) == [(10.0, 5)]
    assert first(3, bursts=[{**burst, "every": "1m"}]) == [(10.0, 5), (70.0, 5), (130.0, 5)]


def test_what_waits_what_was_recorded_and_what_comes_are_joined() -> None:
    found = first(4, waiting=7, recorded=((15.0, 2),), bursts=[{"after": "10s", "jobs": 5}])
    assert found == [(0.0, 7), (10.0, 5), (15.0, 2)]


@given(st.integers(0, 100), st.floats(0, 1e4), st.lists(st.integers(0, 500), max_size=3))
def test_every_stream_is_in_order(seed: int, rate: float, bursts: list[int]) -> None:
    table = [{"after": after, "jobs": 1, "every": 60} for after in bursts]
    found = first(200, seed=seed, per_hour=rate, bursts=table)
    assert all(before[0] <= after[0] for before, after in pairwise(found))
