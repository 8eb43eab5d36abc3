"""The bindings alone, as fast as they go: reads one request a line, answers with the seconds it took.

A process of its own, as the factory's child is, with CONDOR_CONFIG in its environment.
"""

import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import htcondor2

from autopyfactory.clients.condor.process import keep_none

SCHEDD = htcondor2.Schedd(htcondor2.Collector().locate(htcondor2.DaemonType.Schedd))


def fill(description: dict[str, str], items: list[dict[str, str]]) -> int:
    """Submit one job per item."""
    return int(SCHEDD.submit(htcondor2.Submit(description), itemdata=iter(items)).num_procs())


def mark_as_running(constraint: str) -> int:
    """Let jobs look as if they ran: nothing runs in this pool."""
    return int(SCHEDD.edit(constraint, "JobStatus", "2"))


def count(constraint: str) -> int:
    """Jobs that fulfil it."""
    return len(SCHEDD.query(constraint, ["ProcId"]))


def mark_as_idle(constraint: str) -> int:
    """Let them look as if they waited again."""
    return int(SCHEDD.edit(constraint, "JobStatus", "1"))


def most(constraint: str) -> int:
    """Jobs of the queue that has most of those that fulfil it."""
    queues = Counter(ad["MATCH_APF_QUEUE"] for ad in SCHEDD.query(constraint, ["MATCH_APF_QUEUE"]))
    return max(queues.values(), default=0)


def group(constraint: str, attributes: list[str]) -> int:
    """One grouped query."""
    return len(SCHEDD.query(constraint, attributes, opts=htcondor2.QueryOpt.GroupBy))


def project(attributes: list[str]) -> int:
    """One projection of all jobs."""
    return len(SCHEDD.query("true", attributes))


def submit(description: dict[str, str], count: int) -> int:
    """One transaction."""
    return int(SCHEDD.submit(htcondor2.Submit(description), count=count).num_procs())


def submit_each(descriptions: list[dict[str, str]], count: int) -> int:
    """One transaction for each description."""
    return sum(submit(description, count) for description in descriptions)


def submit_together(descriptions: list[dict[str, str]], count: int) -> int:
    """All in one transaction and one cluster; what differs between them becomes a variable."""
    first = descriptions[0]
    names = {name: f"v{n}" for n, name in enumerate(first) if len({d[name] for d in descriptions}) > 1}
    items = [{names[name]: d[name] for name in names} for d in descriptions for _ in range(count)]
    common = {name: f"$({names[name]})" if name in names else first[name] for name in first}
    return int(SCHEDD.submit(htcondor2.Submit(common), itemdata=iter(items)).num_procs())


def remove(constraint: str) -> int:
    """Remove jobs, until they are gone."""
    SCHEDD.act(htcondor2.JobAction.Remove, constraint)
    while SCHEDD.query(constraint, ["ProcId"], limit=1):
        time.sleep(0.05)
    return 0


REQUESTS: dict[str, Callable[..., int]] = {
    function.__name__: function
    for function in (
        count,
        most,
        fill,
        mark_as_running,
        mark_as_idle,
        group,
        project,
        submit,
        submit_each,
        submit_together,
        remove,
    )
}


def main() -> None:
    """Answer until there are no more requests."""
    keep_none()
    for line in sys.stdin:
        request: dict[str, Any] = json.loads(line)
        act = REQUESTS[request.pop("call")]
        began = time.perf_counter()
        number = act(**request)
        print(json.dumps([time.perf_counter() - began, number]), flush=True)


if __name__ == "__main__":
    main()
