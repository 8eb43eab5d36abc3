"""A selection of jobs: the right ones in the right order, and a constraint for these alone."""

from itertools import pairwise
from typing import Any

import classad2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autopyfactory.clients.condor.queue import Job, Selection, identified, ranges

IDENTIFIERS = st.sets(st.tuples(st.integers(1, 3), st.integers(0, 12)))


class Pool:
    def __init__(self, ads: list[dict[str, int]]) -> None:
        self.ads = ads

    def query(self, constraint: str, attributes: object) -> list[dict[str, int]]:
        return self.ads


def ads(*jobs: tuple[int, int, int]) -> list[dict[str, int]]:
    return [{"JobStatus": state, "ClusterId": cluster, "ProcId": proc} for state, cluster, proc in jobs]


FOUND = ads((1, 1, 0), (5, 2, 0), (1, 3, 1), (1, 3, 0), (5, 4, 0))


@pytest.mark.parametrize(
    ("newest", "chosen"),
    [(True, ["4.0", "2.0", "3.1", "3.0"]), (False, ["2.0", "4.0", "1.0", "3.0"])],
)
def test_jobs_are_chosen_by_state_and_then_by_age(newest: bool, chosen: list[str]) -> None:
    pool: Any = Pool(FOUND)
    assert [str(job) for job in Selection(pool, "true", [5, 1]).choose(4, newest=newest)] == chosen


@given(IDENTIFIERS, IDENTIFIERS)
def test_the_constraint_holds_for_the_jobs_chosen_and_no_others(
    chosen: set[tuple[int, int]], others: set[tuple[int, int]]
) -> None:
    jobs = [Job(1, cluster, proc) for cluster, proc in chosen] + [Job(5, 9, 9)]
    pool: Any = Pool([])
    tree = classad2.ExprTree(Selection(pool, "true", [5, 1]).constraint(jobs))
    for cluster, proc in chosen | others:
        waiting, held = (
            classad2.ClassAd({"ClusterId": cluster, "ProcId": proc, "JobStatus": state}) for state in (1, 5)
        )
        assert bool(tree.eval(waiting)) == ((cluster, proc) in chosen)
        assert not tree.eval(held)


@given(st.sets(st.integers(0, 40)))
def test_neighbours_become_one_range(procs: set[int]) -> None:
    breaks = sum(two != one + 1 for one, two in pairwise(sorted(procs)))
    assert len(ranges(sorted(procs))) == (breaks + 1 if procs else 0)


def test_a_cluster_removed_whole_is_one_range() -> None:
    jobs = [Job(1, 7, proc) for proc in range(1000)]
    assert identified(jobs) == "(ClusterId == 7 && ((ProcId >= 0 && ProcId <= 999)))"
