"""A selection of jobs to remove, and the constraint by which the schedd removes no others."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from autopyfactory.clients.condor.pool import Pool

REMOVED = 3


class Job(NamedTuple):
    """One job, in the state in which it was chosen."""

    state: int
    cluster: int
    proc: int

    def __str__(self) -> str:
        return f"{self.cluster}.{self.proc}"


class Selection:
    """Jobs that fulfil `where`, in one of `states`; the first state is chosen from first."""

    def __init__(self, pool: Pool, where: str, states: Sequence[int]) -> None:
        self._pool = pool
        self._where = where
        self._states = list(states)

    def choose(self, count: int, *, newest: bool) -> list[Job]:
        """At most `count` jobs, by state, then by their place in the queue."""
        wanted = " || ".join(f"JobStatus == {state}" for state in self._states)
        ads = self._pool.query(f"({self._where}) && ({wanted})", ["ClusterId", "ProcId", "JobStatus"])
        found = sorted((job(ad) for ad in ads), key=lambda job: job[1:], reverse=newest)
        return sorted(found, key=lambda job: self._states.index(job.state))[:count]

    def constraint(self, jobs: Sequence[Job]) -> str:
        """These jobs and no others, each only in the state in which it was chosen."""
        states = sorted({job.state for job in jobs})
        each = [
            f"(JobStatus == {state} && ({identified(job for job in jobs if job.state == state)}))"
            for state in states
        ]
        return f"({self._where}) && ({' || '.join(each)})"

    def removed(self, jobs: Sequence[Job]) -> list[str]:
        """Those of `jobs` that are gone or on their way out."""
        constraint = f"({self._where}) && JobStatus != {REMOVED} && ({identified(jobs)})"
        spared = {job(ad)[1:] for ad in self._pool.query(constraint, ["ClusterId", "ProcId", "JobStatus"])}
        return [str(job) for job in jobs if job[1:] not in spared]


def job(ad: Any) -> Job:
    """The job of an ad."""
    return Job(ad["JobStatus"], ad["ClusterId"], ad["ProcId"])


def identified(jobs: Iterable[Job]) -> str:
    """An expression for these jobs; neighbours of a cluster become one range, to keep it short."""
    ordered = sorted((job.cluster, job.proc) for job in jobs)
    clusters = groupby(ordered, key=lambda identifier: identifier[0])
    return " || ".join(
        f"(ClusterId == {cluster} && ({' || '.join(ranges([proc for _, proc in members]))}))"
        for cluster, members in clusters
    )


def ranges(procs: Sequence[int]) -> list[str]:
    """Sorted numbers as conditions on ProcId."""
    found: list[list[int]] = []
    for proc in procs:
        if found and found[-1][1] == proc - 1:
            found[-1][1] = proc
        else:
            found.append([proc, proc])
    return [
        f"ProcId == {first}" if first == last else f"(ProcId >= {first} && ProcId <= {last})"
        for first, last in found
    ]
