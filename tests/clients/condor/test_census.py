"""A census of more than it looks at is no census."""

from typing import Any

import classad2
import pytest

from autopyfactory.clients.condor import census as census_module
from autopyfactory.clients.condor.census import Census
from autopyfactory.errors import Unavailable


class Pool:
    """A queue without jobs, but with clusters that have yet to make three each."""

    def __init__(self, clusters: int) -> None:
        self.clusters = clusters

    def group(self, where: str, attributes: object, *, limit: int) -> list[Any]:
        return []

    def query(self, where: str, attributes: object, *, limit: int = -1, how: int = 0) -> list[Any]:
        facts = {"JobFactoryTotalProcs": 5, "JobMaterializeNextProcId": 2, "RequestCpus": 1}
        ads = [classad2.ClassAd(facts) for _ in range(self.clusters)]
        return ads[:limit] if limit >= 0 else ads


def take(clusters: int) -> Any:
    return Census(Pool(clusters)).take(["true"], "true", [], 100)["counts"]  # type: ignore[arg-type]


def test_late_clusters_are_counted_as_long_as_all_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(census_module, "CLUSTERS", 2)
    assert take(2) == [{"1": [6, 6]}]
    with pytest.raises(Unavailable, match="more than 2 late-materialization clusters"):
        take(3)
