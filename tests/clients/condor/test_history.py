"""The history, with a schedd that records what it is told."""

from types import SimpleNamespace
from typing import Any

import htcondor2
import pytest

from autopyfactory.clients.condor.history import MATCH, History
from autopyfactory.errors import Unavailable

OURS, KEY, OLDEST = "Factory =?= 1", "Queue", 500.0


class Pool:
    """Answers each question from a list, the last record first, and notes what was asked."""

    def __init__(self, *answers: list[dict[str, Any]] | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str | None, int, str | None]] = []
        self.forgotten = 0
        self.schedd = SimpleNamespace(history=self.history)

    def history(self, constraint: str | None, attributes: list[str], *, match: int, since: str | None) -> Any:
        self.asked.append((constraint, match, since))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def forget(self) -> None:
        self.forgotten += 1


def read(pool: Pool, cursor: str = "", most: int = 10) -> dict[str, Any]:
    answer: dict[str, Any] = History(pool).read(OURS, KEY, cursor, OLDEST, most)  # type: ignore[arg-type]
    return answer


def completed(proc: int = 0, **ad: Any) -> dict[str, Any]:
    facts = {"ClusterId": 1, "ProcId": proc, "Queue": "q", "JobStatus": 4, "EnteredCurrentStatus": 900}
    return {**facts, "CompletionDate": 890, "RemoteWallClockTime": 60.0, "ExitCode": 0, **ad}


def removed(**ad: Any) -> dict[str, Any]:
    facts = {"ClusterId": 2, "ProcId": 0, "Queue": "q", "JobStatus": 3, "EnteredCurrentStatus": 700}
    return {**facts, **ad}


def test_where_nothing_is_new_one_question_is_enough() -> None:
    pool = Pool([completed(7)])
    assert read(pool, "1.7") == {"cursor": "1.7", "rows": [], "unborn": {}}
    assert pool.asked == [(None, 1, None)]
    assert read(Pool([]), "")["cursor"] == ""


def test_it_reads_from_the_end_back_to_the_job_seen_last() -> None:
    pool = Pool([completed(9, Queue="of others")], [completed(8), completed(7)])
    answer = read(pool, "1.5")
    assert answer["cursor"] == "1.9"
    assert [row[1] for row in answer["rows"]] == ["1.7", "1.8"]
    assert pool.asked[1] == (f"({OURS}) && EnteredCurrentStatus > 500", MATCH, "1.5")


def test_the_first_time_it_reads_back_to_a_moment_at_which_no_spooled_job_stops_it() -> None:
    pool = Pool([completed()], [completed()])
    read(pool)
    assert pool.asked[1][2] == "JobStatus == 4 && StageInFinish =?= undefined && CompletionDate < 500"


def test_of_each_queue_only_the_newest_are_told() -> None:
    pool = Pool([completed(3)], [completed(3), completed(2), completed(1, Queue="r"), completed(0)])
    assert [row[:2] for row in read(pool, most=1)["rows"]] == [["q", "1.3"], ["r", "1.1"]]


BY_RULE = "The job attribute PeriodicRemove expression 'JobStatus == 1' evaluated to TRUE"


@pytest.mark.parametrize(
    ("ad", "told"),
    [
        pytest.param(completed(), [890.0, 60.0, "exit code 0"], id="completed"),
        pytest.param(
            completed(ExitBySignal=True, ExitSignal=9), [890.0, 60.0, "signal 9"], id="ended by a signal"
        ),
        pytest.param(
            removed(JobStartDate=600, RemoveReason="via condor_rm"),
            [700.0, 0.0, "via condor_rm"],
            id="removed",
        ),
        pytest.param(
            removed(RemoteWallClockTime=5.0, RemoveReason=BY_RULE),
            [700.0, 5.0, "The job attribute PeriodicRemove"],
            id="removed by its rule after it ran",
        ),
        pytest.param(
            completed(JobUniverse=9, RemoteWallClockTime=0, JobStartDate=840),
            [890.0, 50.0, "exit code 0"],
            id="a grid job that tells when it began",
        ),
        pytest.param(completed(JobUniverse=9, RemoteWallClockTime=0), None, id="a grid job that does not"),
        pytest.param(removed(RemoveReason="via condor_rm"), None, id="removed before it ran"),
        pytest.param(removed(RemoveReason=BY_RULE), None, id="removed by its rule before it ran"),
        pytest.param(
            removed(JobUniverse=9, RemoveReason="ARC job has no credentials"),
            [700.0, 0.0, "ARC job has no credentials"],
            id="dropped before it ran",
        ),
        pytest.param(
            {"ClusterId": 1, "ProcId": 0, "JobStatus": 4, "Queue": "q", "EnteredCurrentStatus": 900},
            [900.0, 0.0, "completed"],
            id="an ad that says little",
        ),
    ],
)
def test_a_record_says_when_a_job_ended_how_long_it_ran_and_why(
    ad: dict[str, Any], told: list[Any] | None
) -> None:
    rows = read(Pool([ad], [ad]))["rows"]
    assert [row[2:] for row in rows] == ([] if told is None else [told])


def test_those_that_nobody_removed_by_hand_before_they_ran_are_counted_by_reason() -> None:
    by_hand = removed(RemoveReason="via condor_rm (by user tbpilot)")
    refused = removed(RemoveReason="ARC job has no credentials")
    silent = removed()
    silent.pop("RemoveReason", None)
    ads = [removed(RemoveReason=BY_RULE), refused, refused, by_hand, silent, completed()]
    found = {key: counts for key, counts in read(Pool(ads[:1], ads))["unborn"].items() if counts}
    assert found == {"q": {"": 1, "ARC job has no credentials": 2}}


def test_a_schedd_without_a_history_is_quoted() -> None:
    pool = Pool(htcondor2.HTCondorException("HISTORY undefined in remote configuration."))
    with pytest.raises(Unavailable, match="HISTORY undefined"):
        read(pool)
    assert pool.forgotten == 1
