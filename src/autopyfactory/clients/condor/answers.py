"""What the answers of the child come to."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any


def by_queue(tally: Mapping[str, Any]) -> tuple[Mapping[str, Mapping[int, int]], Mapping[str, list[float]]]:
    """Jobs by JobStatus, and the moments (monotonic seconds) at which those that run began, of each queue."""
    counts: defaultdict[str, Counter[int]] = defaultdict(Counter)
    for queue, status, count in tally["rows"]:
        counts[queue][status] += count
    starts: defaultdict[str, list[float]] = defaultdict(list)
    for queue, moment, count in tally["starts"]:
        starts[queue] += [moment] * count
    return counts, starts


def identifiers(submission: Mapping[str, Any]) -> list[str]:
    """The jobs of a submission, `CLUSTER.PROC`."""
    cluster, first = f"{submission['cluster']}.", submission["first"]
    return [cluster + str(proc) for proc in range(first, first + submission["count"])]
