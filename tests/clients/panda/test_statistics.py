"""Counts of jobs are added up as they are chosen, and what is no count is no zero."""

from typing import Any

import pytest

from autopyfactory.clients.panda.statistics import add_up, by_site

NORTH = {
    "SCORE": {"managed": {"activated": 7, "running": 1}, "user": {"activated": 2, "holding": 5}},
    "MCORE": {"managed": {"activated": 3, "sent": 1}},
    "null": {"managed": {"activated": 1}},
}
CORES = {"SCORE": 1, "MCORE": 8, "null": 1}


@pytest.mark.parametrize(
    ("types", "labels", "activated", "cores"),
    [
        ((), (), 13, 34),
        (("SCORE",), (), 9, 9),
        (("SCORE",), ("user",), 2, 2),
        ((), ("managed",), 11, 32),
        (("MCORE", "SCORE"), ("managed", "user"), 12, 33),
        (("null",), (), 1, 1),
        (("GPU",), (), 0, 0),
    ],
)
def test_jobs_count_by_type_and_label(
    types: tuple[str, ...], labels: tuple[str, ...], activated: int, cores: int
) -> None:
    jobs, used = add_up(NORTH, types=types, labels=labels, cores=CORES.__getitem__)
    assert (jobs["activated"], used["activated"]) == (activated, cores)


@pytest.mark.parametrize("count", [-1, 1.5, "3", None, True, 10**10])
def test_what_is_no_count_spoils_its_site(count: Any) -> None:
    with pytest.raises(ValueError, match=r"is no number of jobs \(SCORE, managed, activated\)"):
        add_up({"SCORE": {"managed": {"activated": count}}}, types=(), labels=(), cores=CORES.__getitem__)


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        (None, "counts of a site are no table but None"),
        ({"SCORE": 3}, "counts of SCORE are no table but 3"),
        ({"SCORE": {"user": []}}, r"counts of SCORE, user are no table but \[\]"),
    ],
)
def test_what_is_no_table_says_so(counts: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        add_up(counts, types=(), labels=(), cores=CORES.__getitem__)


def test_an_answer_that_is_no_table_has_no_sites() -> None:
    assert by_site({"NORTH": NORTH}) == {"NORTH": NORTH}
    with pytest.raises(ValueError, match="counts of active jobs are no table but 'x'"):
        by_site("x")
