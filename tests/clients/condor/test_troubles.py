"""Jobs in trouble, in sentences."""

from typing import Any

import pytest

from autopyfactory.clients.condor import troubles as module
from autopyfactory.clients.condor.troubles import troubles


class Pool:
    """Answers with these ads."""

    def __init__(self, *ads: dict[str, Any]) -> None:
        self.ads = ads
        self.asked = ""

    def query(self, constraint: str, attributes: list[str], *, limit: int) -> list[dict[str, Any]]:
        self.asked = constraint
        return list(self.ads[:limit])


def held(code: int | None = 12, words: str = "no  such\nfile", queue: str = "q") -> dict[str, Any]:
    ad: dict[str, Any] = {"Queue": queue, "JobStatus": 5, "HoldReason": words}
    return ad if code is None else {**ad, "HoldReasonCode": code}


def down(resource: str = "batch slurm", since: int = 1_000_000_000, status: int = 1) -> dict[str, Any]:
    return {
        "Queue": "q",
        "JobStatus": status,
        "GridResource": resource,
        "GridResourceUnavailableTime": since,
    }


def found(*ads: dict[str, Any]) -> dict[str, list[str]]:
    return troubles(Pool(*ads), "ours", "Queue")  # type: ignore[arg-type]


def test_held_jobs_are_counted_by_code_the_most_first() -> None:
    assert found(held(13, ""), held(), held(), held(99, "odd"), held(None, "none"), held(queue="r")) == {
        "q": [
            "2 held: code 12 (transfer of output failed): no such file",
            "1 held: code 13 (transfer of input failed)",
            "1 held: code 99: odd",
            "1 held: code 0: none",
        ],
        "r": ["1 held: code 12 (transfer of output failed): no such file"],
    }


def test_a_resource_that_is_down_is_named_and_since_when() -> None:
    assert found(down(since=1_000_000_060), down(), down("arc https://ce")) == {
        "q": [
            "2 pending for a resource that is down since 2001-09-09T01:46:40Z: batch slurm",
            "1 pending for a resource that is down since 2001-09-09T01:46:40Z: arc https://ce",
        ]
    }


def test_what_waits_for_it_runs_there_and_is_to_be_removed_there_is_told_apart() -> None:
    three = [down(status=3)] * 3
    assert found(*three, down(status=2), down(), down(status=2))["q"] == [
        "3 retiring, once it answers, at a resource that is down since 2001-09-09T01:46:40Z: batch slurm",
        "2 running, when last heard of, at a resource that is down since 2001-09-09T01:46:40Z: batch slurm",
        "1 pending for a resource that is down since 2001-09-09T01:46:40Z: batch slurm",
    ]


def test_there_are_only_so_many_sentences() -> None:
    assert len(found(*(held(code) for code in range(50)))["q"]) == module.SENTENCES


def test_where_there_are_too_many_to_look_at_the_numbers_are_the_least(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "JOBS", 2)
    assert found(held(), held(), held())["q"][0].startswith("at least 2 held")


def test_only_ours_are_asked_for() -> None:
    pool = Pool()
    troubles(pool, "ours", "Queue")  # type: ignore[arg-type]
    assert pool.asked.startswith("(ours) && ")
