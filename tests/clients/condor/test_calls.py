"""The calls of the child, with a schedd that says what a real one rarely does."""

from types import SimpleNamespace
from typing import Any

import htcondor2
import pytest

from autopyfactory.clients.condor import calls as htcondor_calls
from autopyfactory.clients.condor.calls import Calls
from autopyfactory.clients.condor.clusters import CLUSTERS_ONLY, Clusters
from autopyfactory.errors import Rejected, Unavailable


class Pool:
    """Answers each query from a list, and notes the constraints."""

    def __init__(self, *answers: list[dict[str, Any]]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []
        self.clusters: list[dict[str, Any]] = []
        self.schedd = SimpleNamespace()

    def query(self, constraint: str, attributes: object, how: int = 0, **limit: int) -> list[dict[str, Any]]:
        if how == CLUSTERS_ONLY:
            return self.clusters
        self.asked.append(constraint)
        return self.answers.pop(0)

    group = query

    def clock(self) -> float:
        return 1000.0

    def forget(self) -> None:
        self.asked.append("forgotten")


def calls(pool: Pool) -> Calls:
    made = Calls({"collector": "", "schedd": "", "settings": []}, lambda: None)
    made._pool = pool  # type: ignore[assignment]
    made._clusters = Clusters(pool)  # type: ignore[arg-type]
    return made


REMOVAL: dict[str, Any] = {"where": "true", "states": [5, 1], "count": 2, "newest": True, "reason": "because"}
JOBS = [{"ClusterId": 1, "ProcId": 0, "JobStatus": 1}, {"ClusterId": 1, "ProcId": 1, "JobStatus": 1}]


def outcome(**counts: int) -> SimpleNamespace:
    """A schedd whose act ends with these counts."""
    counted = {"TotalSuccess": 0, "TotalPermissionDenied": 0, **counts}
    return SimpleNamespace(act=lambda *arguments: counted)


def test_removed_are_those_that_are_no_longer_there() -> None:
    pool = Pool(JOBS, JOBS[:1])
    pool.schedd = outcome(TotalSuccess=1)
    assert calls(pool).remove(**REMOVAL) == ["1.1"]


def test_a_schedd_that_removes_nothing_is_believed() -> None:
    pool = Pool(JOBS)
    pool.schedd = outcome()
    assert calls(pool).remove(**REMOVAL) == []


def test_a_schedd_that_denies_is_quoted() -> None:
    pool = Pool(JOBS)
    pool.schedd = outcome(TotalPermissionDenied=2)
    with pytest.raises(Rejected, match="does not let us remove our 2 jobs"):
        calls(pool).remove(**REMOVAL)


def test_an_act_that_breaks_off_is_uncertain() -> None:
    def act(*arguments: object) -> None:
        raise htcondor2.HTCondorException("Error when performing action on the schedd.")

    pool = Pool(JOBS)
    pool.schedd = SimpleNamespace(act=act)
    with pytest.raises(Unavailable, match="Error when performing") as caught:
        calls(pool).remove(**REMOVAL)
    assert not caught.value.untouched
    assert pool.asked[-1] == "forgotten"


def a_cluster(**facts: Any) -> dict[str, Any]:
    """A cluster of late materialization that has made two jobs of five."""
    made = {"ClusterId": 7, "APF_COUNT": 5, "JobMaterializeNextProcId": 2, "JobFactoryPaused": 0}
    return {**made, "Key": "a", "Tag": "t", **facts}


def test_jobs_that_are_yet_to_be_made_go_first() -> None:
    pool = Pool(JOBS, JOBS[:1])
    pool.clusters = [a_cluster(JobMaterializeNextProcId=4)]
    pool.schedd = outcome(TotalSuccess=1)
    pool.schedd.edit = lambda *arguments: pool.clusters.clear()
    pool.answers.insert(0, [{"ClusterId": 7}])
    assert calls(pool).remove(**{**REMOVAL, "count": 2}) == ["7.4", "1.1"]


def test_what_was_dropped_is_told_also_when_the_schedd_refuses_the_rest() -> None:
    pool = Pool([{"ClusterId": 7}], JOBS)
    pool.clusters = [a_cluster(JobMaterializeNextProcId=4)]
    pool.schedd = outcome(TotalPermissionDenied=2)
    pool.schedd.edit = lambda *arguments: pool.clusters.clear()
    assert calls(pool).remove(**{**REMOVAL, "count": 2}) == ["7.4"]


@pytest.mark.parametrize(("mode", "status"), [(0, 1), (1, 5), (-1, 5)])
def test_jobs_that_are_yet_to_be_made_are_in_the_tally(mode: int, status: int) -> None:
    pool = Pool([{"Key": "a", "JobStatus": status, "JobCount": 2}])
    pool.clusters = [a_cluster(JobFactoryPaused=mode)]
    assert calls(pool).tally("true", [], "Key", 600, alone=True)["rows"] == [["a", status, 5]]


def test_a_tally_of_too_many_groups_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(htcondor_calls, "GROUPS", 1)
    pool = Pool([{"Key": "a", "JobStatus": 1, "JobCount": 1}] * 2)
    with pytest.raises(Unavailable, match="more than 1 ways in Key"):
        calls(pool).tally("true", [], "Key", 600, alone=True)


def test_where_too_many_began_only_the_newest_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(htcondor_calls, "STARTS", 1)
    running = [{"Key": "a", "JobStatus": 2, "JobCount": 2}]
    both = [{"Key": "a", "EnteredCurrentStatus": 500}, {"Key": "a", "EnteredCurrentStatus": 900}]
    pool = Pool(running, both, both[1:])
    answer = calls(pool).tally("true", [], "Key", 600, alone=True)
    assert answer["rows"] == [["a", 2, 2]]
    assert [count for _, _, count in answer["starts"]] == [1]
    assert [asked.split(" && ")[1] for asked in pool.asked[1:]] == [
        "EnteredCurrentStatus > 400",
        "EnteredCurrentStatus > 850",
    ]


def test_a_pilot_that_goes_on_after_a_pause_did_not_begin_then() -> None:
    running = [{"Key": "a", "JobStatus": 2, "JobCount": 1}]
    resumed = [{"Key": "a", "EnteredCurrentStatus": 900, "JobCurrentStartDate": 100}]
    assert calls(Pool(running, resumed)).tally("true", [], "Key", 600, alone=True)["starts"] == []


NONE_KEPT = "HISTORY undefined in remote configuration. No such related history to be queried."


def with_history(answer: list[dict[str, Any]] | Exception) -> Pool:
    """A pool with two jobs in the queue, and this history."""

    def history(*arguments: object, **options: object) -> list[dict[str, Any]]:
        if isinstance(answer, Exception):
            raise answer
        return answer

    pool = Pool([{"Tag": "a"}, {"Tag": "a"}])
    pool.schedd = SimpleNamespace(history=history)
    return pool


@pytest.mark.parametrize(
    ("history", "found"),
    [([{"Tag": "a"}, {"Tag": "b"}], {"a": 3, "b": 1}), (htcondor2.HTCondorException(NONE_KEPT), {"a": 2})],
)
def test_tagged_jobs_are_counted_in_the_queue_and_in_the_history_where_there_is_one(
    history: list[dict[str, Any]] | Exception, found: dict[str, int]
) -> None:
    pool = with_history(history)
    assert calls(pool).tagged("true", "Tag", ["a", "b"], 0) == found
    assert pool.asked == ['(true) && (Tag =?= "a" || Tag =?= "b")']


def test_a_late_cluster_counts_in_full_once_something_of_it_is_seen() -> None:
    ended = {"Tag": "t", "APF_COUNT": 5}
    pool = with_history([ended, ended])
    assert calls(pool).tagged("true", "Tag", ["t"], 0) == {"a": 2, "t": 5}
    pool = with_history([])
    pool.clusters = [a_cluster()]
    assert calls(pool).tagged("true", "Tag", ["t"], 0) == {"a": 2, "t": 5}


def test_a_history_that_fails_is_no_answer() -> None:
    pool = with_history(htcondor2.HTCondorException("Failed to connect to schedd"))
    with pytest.raises(Unavailable, match="history: Failed to connect"):
        calls(pool).tagged("true", "Tag", ["a"], 0)
    assert pool.asked[-1] == "forgotten"


def test_a_history_that_is_cut_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(htcondor_calls, "GROUPS", 1)
    with pytest.raises(Unavailable, match="more than 1 of the jobs"):
        calls(with_history([{"Tag": "a"}, {"Tag": "a"}])).tagged("true", "Tag", ["a"], 0)


@pytest.mark.parametrize(
    ("ad", "counted"),
    [
        ({"JobStatus": 5, "HoldReasonCode": 16}, 1),
        ({"JobStatus": 5, "HoldReasonCode": 13}, 5),
        ({"JobStatus": 5}, 5),
        ({"JobStatus": 3, "HoldReasonCode": 16}, 3),
    ],
)
def test_a_job_whose_files_are_on_their_way_counts_as_idle(ad: dict[str, int], counted: int) -> None:
    answer = calls(Pool([{"Key": "a", "JobCount": 2, **ad}])).tally(
        "true", ["HoldReasonCode"], "Key", 600, True
    )
    assert answer["rows"] == [["a", counted, 2]]
