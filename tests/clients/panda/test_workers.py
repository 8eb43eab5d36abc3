"""Workers are told to PanDA with rising numbers of their own, and its odd answers are understood."""

import json
from collections.abc import Callable, Iterator

import pytest

from autopyfactory.clients.panda.server import NOBODY, Server
from autopyfactory.clients.panda.workers import Worker, Workers, ending, moment
from autopyfactory.clients.web import Web
from autopyfactory.errors import Unavailable
from webserver import Asked, Said, WebServer, serving

BROKEN = '{"success": false, "message": "database error"}'


def fine(asked: Asked) -> Said:
    return Said(body='{"success": true, "message": "", "data": 41}')


@pytest.fixture
def web() -> Iterator[WebServer]:
    with serving(fine) as running:
        yield running


@pytest.fixture
def workers(web: WebServer) -> Workers:
    return Workers(Server(web.url, Web()), "us", 5, lambda: NOBODY)


def bodies(web: WebServer, call: str) -> list[dict[str, object]]:
    return [json.loads(asked.body) for asked in web.asked if asked.path == f"/harvester/{call}"]


def failing(*calls: str, times: int = 1000) -> Callable[[Asked], Said]:
    left = dict.fromkeys(calls, times)

    def answer(asked: Asked) -> Said:
        call = asked.path.rpartition("/")[2]
        if not left.get(call):
            return fine(asked)
        left[call] -= 1
        return Said(body=BROKEN)

    return answer


def test_a_first_sign_of_life_that_is_said_to_have_failed_is_given_again(
    web: WebServer, workers: Workers
) -> None:
    web.answer = failing("heartbeat", times=1)
    workers.be_alive({"sw_version": "3"})
    assert bodies(web, "heartbeat") == [{"harvester_id": "us", "data": {"sw_version": "3"}}] * 2
    web.answer = failing("heartbeat")
    with pytest.raises(Unavailable, match="database error"):
        workers.be_alive({})


def test_counts_are_text_within_the_json(web: WebServer, workers: Workers) -> None:
    workers.count("NORTH", {"managed": {"SCORE": {"running": 3}}})
    (body,) = bodies(web, "report_worker_statistics")
    assert body == {
        "harvester_id": "us",
        "panda_queue": "NORTH",
        "statistics": '{"managed": {"SCORE": {"running": 3}}}',
    }


def test_numbers_go_on_from_the_last_and_a_worker_keeps_its_own(web: WebServer, workers: Workers) -> None:
    first, second = Worker(facts={"batchID": "1.0"}), Worker(facts={"batchID": "1.1"})
    assert workers.update([(first, {"status": "submitted"})]) == 0
    assert workers.update([(second, {"status": "submitted"}), (first, {"status": "finished"})]) == 0
    told = [body["workers"] for body in bodies(web, "update_workers")]
    assert told == [
        [{"batchID": "1.0", "status": "submitted", "workerID": 42}],
        [
            {"batchID": "1.1", "status": "submitted", "workerID": 43},
            {"batchID": "1.0", "status": "finished", "workerID": 42},
        ],
    ]
    assert len([asked for asked in web.asked if asked.path.endswith("get_current_worker_id")]) == 1


def test_without_any_worker_the_first_has_number_one(web: WebServer, workers: Workers) -> None:
    web.answer = failing("get_current_worker_id")
    worker = Worker(facts={})
    workers.update([(worker, {})])
    assert worker.number == 1


def test_a_database_that_is_broken_gives_nobody_a_number(web: WebServer, workers: Workers) -> None:
    web.answer = failing("get_current_worker_id", "heartbeat")
    worker = Worker(facts={})
    with pytest.raises(Unavailable):
        workers.update([(worker, {})])
    assert worker.number is None


def test_a_number_that_is_none_is_no_answer(web: WebServer, workers: Workers) -> None:
    web.answer = lambda asked: Said(body='{"success": true, "message": "", "data": "many"}')
    with pytest.raises(Unavailable, match="'many' is no number"):
        workers.update([(Worker(facts={}), {})])


def test_workers_that_are_not_taken_are_counted(web: WebServer, workers: Workers) -> None:
    workers.update([])
    web.answer = lambda asked: Said(body='{"success": true, "message": "", "data": [true, false, null]}')
    assert workers.update([(Worker(facts={}), {})] * 3) == 2


@pytest.mark.parametrize(
    ("reason", "status", "code"),
    [
        ("exit code 0", "finished", 0),
        ("completed", "finished", None),
        ("", "finished", None),
        ("exit code 64", "failed", 64),
        ("signal 9", "failed", None),
        ("via condor_rm (by user us)", "cancelled", None),
    ],
)
def test_an_end_has_a_status_and_its_times(reason: str, status: str, code: int | None) -> None:
    told = ending(86_400.0, 3600.0, reason)
    assert (told["status"], told["nativeExitCode"], told["diagMessage"]) == (status, code, reason)
    assert (told["startTime"], told["endTime"]) == (moment(82_800), "datetime/1970-01-02 00:00:00.000000")
