"""A census of more than it looks at is no census."""

from typing import Any

import classad2
import pytest

from autopyfactory.clients.condor import census as census_module
from autopyfactory.clients.condor.census import Census
from autopyfactory.errors import Unavailable


class Pool:
    """A queue without jobs, but with clusters that have yet to make three each."""

    def __init__(self, clusters: int, **facts: int) -> None:
        self.clusters = clusters
        self.facts = facts

    def group(self, where: str, attributes: object, *, limit: int) -> list[Any]:
        return []

    def query(self, where: str, attributes: object, *, limit: int = -1, how: int = 0) -> list[Any]:
        facts = {"JobFactoryTotalProcs": 5, "JobMaterializeNextProcId": 2, "RequestCpus": 1}
        ads = [classad2.ClassAd(facts | self.facts) for _ in range(self.clusters)]
        return ads[:limit] if limit >= 0 else ads


def take(clusters: int, **facts: int) -> Any:
    return Census(Pool(clusters, **facts)).take(["true"], "true", [], 100)["counts"]  # type: ignore[arg-type]


def test_late_clusters_are_counted_as_long_as_all_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(census_module, "CLUSTERS", 2)
    assert take(2) == [{"1": [6, 6]}]
    with pytest.raises(Unavailable, match="more than 2 late-materialization clusters"):
        take(3)


@pytest.mark.parametrize(
    ("facts", "counted"),
    [
        ({"JobFactoryTotalProcs": -42, "TotalSubmitProcs": 5, "JobMaterializeLimit": 3}, {"1": [3, 3]}),
        ({"JobFactoryTotalProcs": -42, "JobMaterializeLimit": 5}, {"1": [3, 3]}),
        ({"JobFactoryTotalProcs": -42}, {"1": [0, 0]}),
        ({"JobFactoryPaused": 1}, {"5": [3, 3]}),
        ({"JobFactoryPaused": 3}, {}),
    ],
)
def test_a_late_cluster_is_counted_before_its_first_job_and_not_once_it_is_removed(
    facts: dict[str, int], counted: dict[str, list[int]]
) -> None:
    assert take(1, **facts) == [counted]
