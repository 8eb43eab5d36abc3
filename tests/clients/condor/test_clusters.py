"""Clusters of late materialization: no job is left out of a count, and each is dropped once."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import htcondor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autopyfactory.clients.condor import clusters as clusters_module
from autopyfactory.clients.condor.clusters import LOOK_AGAIN, NO_MATCH, Cluster, Clusters, paused
from autopyfactory.errors import Unavailable

KEY = "Key"


class Schedd:
    """Clusters of so many jobs, in which another job is made at each step of a script."""

    def __init__(self, *totals: int, script: tuple[int, ...] = ()) -> None:
        self.totals = dict(enumerate(totals, 1))
        self.next = dict.fromkeys(self.totals, 0)
        self.made: list[str] = []
        self.removed: list[str] = []
        self.script = list(script)
        self.queries = 0
        self.mode = 0
        self.schedd = SimpleNamespace(edit=self.edit, act=self.act)

    def step(self) -> None:
        """Make a job of the cluster that comes next in the script, if it has one to come."""
        number = self.script.pop(0) if self.script else 0
        if self.next.get(number, 0) < self.totals.get(number, 0):
            self.made.append(f"{number}.{self.next[number]}")
            self.next[number] += 1

    def query(self, constraint: str, attributes: object, **options: int) -> list[dict[str, Any]]:
        self.step()
        if "how" not in options:
            return [{"ClusterId": int(job.split(".")[0])} for job in self.made]
        self.queries += 1
        return [
            {
                "ClusterId": number,
                KEY: "a",
                "APF_COUNT": total,
                "JobMaterializeNextProcId": self.next[number],
                "JobFactoryPaused": self.mode,
            }
            for number, total in self.totals.items()
            if self.next[number] < total
        ]

    def edit(self, constraint: str, name: str, value: str, flags: int) -> None:
        self.step()
        number, following = (int(part.split("==")[1].strip()) for part in constraint.split(" && ")[0:3:2])
        if self.next[number] != following:
            raise htcondor2.HTCondorException(NO_MATCH)
        assert int(value) <= self.totals[number]
        self.next[number] = int(value)

    def act(self, action: object, numbers: list[str], reason: str) -> None:
        self.removed += numbers

    def forget(self) -> None:
        self.queries = -1

    def count(self) -> int:
        """Jobs in the queue."""
        self.step()
        return len(self.made)


def clusters(schedd: Any, clock: Callable[[], float] = lambda: 0.0) -> Clusters:
    return Clusters(schedd, clock)


SCRIPTS = st.lists(st.integers(0, 3), max_size=30).map(tuple)
TOTALS = st.lists(st.integers(1, 8), min_size=1, max_size=3)


@given(TOTALS, SCRIPTS, st.integers(1, 20), st.booleans())
def test_a_job_is_made_or_dropped_and_never_both(
    totals: list[int], script: tuple[int, ...], count: int, newest: bool
) -> None:
    schedd = Schedd(*totals, script=script)
    dropped = clusters(schedd).drop("true", count, newest=newest, acting=lambda: None)
    assert len(set(dropped)) == len(dropped) <= count
    assert not set(dropped) & set(schedd.made)
    left = sum(schedd.totals[number] - following for number, following in schedd.next.items())
    assert len(dropped) + len(schedd.made) + left == sum(totals)
    assert not set(schedd.removed) & {job.split(".")[0] for job in schedd.made}


@given(TOTALS, SCRIPTS)
def test_no_job_is_left_out_and_none_counts_twice_once_the_clusters_stand_still(
    totals: list[int], script: tuple[int, ...]
) -> None:
    schedd = Schedd(*totals, script=script)
    found, counted = clusters(schedd).beside("true", KEY, schedd.count, alone=True)
    told = counted + sum(cluster.waiting for cluster in found)
    assert told >= sum(totals)
    assert told == sum(totals) or len(script) > 2


def test_a_cluster_that_keeps_making_jobs_is_passed_over_in_the_end() -> None:
    schedd = Schedd(50, script=(0, 1) * 9)  # another job between each reading and its edit
    assert clusters(schedd).drop("true", 2, newest=True, acting=lambda: None) == ["1.9", "1.10"]


@pytest.mark.parametrize(("newest", "first"), [(True, "2.0"), (False, "1.0")])
def test_the_newest_or_the_oldest_cluster_goes_first(newest: bool, first: str) -> None:
    assert clusters(Schedd(3, 3)).drop("true", 1, newest=newest, acting=lambda: None) == [first]


def test_a_cluster_is_removed_when_all_of_its_jobs_are_dropped_and_none_is_there() -> None:
    schedd = Schedd(3, 3, script=(1,))
    assert len(clusters(schedd).drop("true", 9, newest=True, acting=lambda: None)) == 5
    assert schedd.removed == ["2"]


def test_a_schedd_without_clusters_is_asked_again_after_a_while_or_when_there_may_be_some() -> None:
    now, schedd = [0.0], Schedd()
    ours = clusters(schedd, lambda: now[0])

    def asked(alone: bool = True) -> int:
        before = schedd.queries
        assert ours.beside("true", KEY, schedd.count, alone=alone) == ([], 0)
        return schedd.queries - before

    assert [asked(), asked(), asked(alone=False)] == [1, 0, 1]
    ours.expect_more()
    assert [asked(), asked()] == [1, 0]
    now[0] += LOOK_AGAIN
    assert [asked(), asked()] == [1, 0]


def test_more_clusters_than_can_be_looked_at_are_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters_module, "MOST", 1)
    with pytest.raises(Unavailable, match="more than 1 late-materialization clusters"):
        clusters(Schedd(3, 3)).read("true", KEY)


@pytest.mark.parametrize("mode", [2, 3])
def test_clusters_that_make_no_more_jobs_have_none_to_come(mode: int) -> None:
    schedd = Schedd(3)
    schedd.mode = mode
    assert clusters(schedd).read("true", KEY) == []


def test_an_edit_that_breaks_off_is_uncertain() -> None:
    def edit(*arguments: object) -> None:
        raise htcondor2.HTCondorException("Unable to commit transaction: broken")

    schedd = Schedd(3)
    schedd.schedd.edit = edit
    with pytest.raises(Unavailable, match="Unable to commit") as caught:
        clusters(schedd).drop("true", 1, newest=True, acting=lambda: None)
    assert not caught.value.untouched
    assert schedd.queries == -1  # the schedd is looked for anew


def test_paused_clusters_are_told_by_reason_the_largest_first() -> None:
    told = [
        Cluster("a", 1, 0, 3, 0),
        Cluster("a", 2, 1, 3, 1),
        Cluster("a", 3, 0, 4, 1, "because"),
        Cluster("a", 4, 0, 1, -1, "because"),
        Cluster("b", 5, 0, 1, 1),
    ]
    assert paused(told) == {
        "a": ["5 held before they are made: because", "2 held before they are made: paused by a user"],
        "b": ["1 held before they are made: paused by a user"],
    }
    many = [Cluster("a", number, 0, 1, 1, f"reason {number}") for number in range(9)]
    assert len(paused(many)["a"]) == 5
