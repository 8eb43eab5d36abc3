"""A client that has workers, as PanDA sees it: signs of life, counts of workers, and each worker."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from autopyfactory.clients.panda.server import Access, Failed, Server
from autopyfactory.errors import Unavailable

EXIT = re.compile(r"exit code (-?\d+)")
Counts = Mapping[str, Mapping[str, Mapping[str, int]]]  # by job type, resource type and status


@dataclass(slots=True, eq=False, kw_only=True)
class Worker:
    """A worker by the facts that stay; it has a number once the server was told of it."""

    facts: Mapping[str, Any]
    number: int | None = None


News = tuple[Worker, Mapping[str, Any]]  # what is new of a worker


class Workers:
    """The workers of the client `name` at a server.  Every call raises `Unavailable`."""

    def __init__(self, server: Server, name: str, seconds: float, access: Callable[[], Access]) -> None:
        self._server = server
        self._name = name
        self._seconds = seconds
        self._access = access
        self._last: int | None = None  # number that was given to a worker

    def be_alive(self, facts: Mapping[str, str]) -> None:
        """A sign of life.  The first of a new client is stored, and said to have failed: then once more."""
        try:
            self._post("heartbeat", data=dict(facts))
        except Failed:
            self._post("heartbeat", data=dict(facts))

    def _last_number(self) -> int:
        """The highest number of a worker so far.

        A client without workers is answered like one whose database is broken; hence the sign of life,
        which says that it is not.
        """
        self.be_alive({})
        try:
            number = self._server.get(
                "harvester/get_current_worker_id", self._seconds, self._access(), harvester_id=self._name
            )
        except Failed:
            return 0
        if type(number) is not int:
            raise Unavailable(f"{self._server.url}: {number!r:.40} is no number of a worker")
        return number

    def count(self, site: str, counts: Counts) -> None:
        """These are all workers of ours at a site; what was said of it before is forgotten."""
        self._post("report_worker_statistics", panda_queue=site, statistics=json.dumps(counts))

    def update(self, news: Sequence[News]) -> int:
        """Make workers, or change what they say; the number of those that the server did not take.

        Numbers rise, and a worker keeps its own, so that what is told twice is one worker.
        """
        if self._last is None:
            self._last = self._last_number()
        for worker, _ in news:
            if worker.number is None:
                worker.number = self._last = self._last + 1
        told = [{**worker.facts, **facts, "workerID": worker.number} for worker, facts in news]
        answer = self._post("update_workers", workers=told)
        return sum(not taken for taken in answer) if isinstance(answer, list) else 0

    def _post(self, call: str, **values: Any) -> Any:
        return self._server.post(
            f"harvester/{call}", self._seconds, self._access(), harvester_id=self._name, **values
        )


def ending(end: float, run_time: float, reason: str) -> Mapping[str, Any]:
    """How a worker ended, from words like 'exit code 0', 'signal 9' or why it was removed.

    Times are seconds since the epoch.
    """
    found = EXIT.fullmatch(reason)
    code = int(found[1]) if found else None
    status = "failed" if code or reason.startswith("signal ") else "cancelled"
    if code == 0 or reason in ("", "completed"):
        status = "finished"
    told = {"status": status, "startTime": moment(end - run_time), "endTime": moment(end)}
    return {**told, "nativeExitCode": code, "diagMessage": reason}


def moment(seconds: float) -> str:
    """A time (seconds since the epoch) as this interface wants it, in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("datetime/%Y-%m-%d %H:%M:%S.%f")
