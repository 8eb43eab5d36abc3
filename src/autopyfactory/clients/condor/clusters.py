"""Clusters of late materialization: jobs that were submitted at once and that the schedd makes bit by bit."""

import contextlib
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

import htcondor2

from autopyfactory.clients.condor.pool import Pool, sentence
from autopyfactory.errors import Unavailable

T = TypeVar("T")

COUNT = "APF_COUNT"  # all jobs of the cluster, from its first moment on; the schedd's own totals come later
NEXT = "JobMaterializeNextProcId"
MODE = "JobFactoryPaused"  # the schedd's own state; JobMaterializePaused is what somebody wished
REASON = "JobMaterializePauseReason"
WANTED = ["ClusterId", COUNT, NEXT, MODE, REASON]
IDLE, HELD = 1, 5
MAKES, PAUSED, BROKEN = (
    0,
    1,
    -1,
)  # modes in which there are jobs to come; 2: no more, 3: the cluster is removed
MOST = 20_000  # clusters of one reading
READS = 3  # tries to count while no job is made
EDITS = 30  # tries to pass over jobs of clusters that are making some, one every 10 ms where slots are free
LOOK_AGAIN = 300.0  # seconds after which a schedd that had none is asked again, whoever submits there
CLUSTERS_ONLY = htcondor2.QueryOpt.IncludeClusterAd | htcondor2.QueryOpt(0x40)  # no jobs, so it costs little
OF_CLUSTERS = htcondor2.TransactionFlag(0x80)  # an edit by constraint reaches ads of clusters, too
NO_MATCH = "Unable to edit jobs matching constraint"
SENTENCES = 5  # for one value of the key
WORDS = 160  # characters of the schedd's own words


class Cluster(NamedTuple):
    """One that has jobs to come: those from `next` up to `total`, in this order."""

    key: str
    number: int
    next: int
    total: int
    mode: int
    reason: str = ""

    @property
    def waiting(self) -> int:
        """How many are to come."""
        return self.total - self.next

    @property
    def status(self) -> int:
        """What their JobStatus would be."""
        return IDLE if self.mode == MAKES else HELD


class Clusters:
    """Those of one schedd."""

    def __init__(self, pool: Pool, clock: Callable[[], float] = time.monotonic) -> None:
        self._pool = pool
        self._clock = clock
        self._none: dict[str, float] = {}  # constraints that no cluster fulfilled, and when

    def expect_more(self) -> None:
        """From now on there may be some where there were none."""
        self._none.clear()

    def beside(self, where: str, key: str, count: Callable[[], T], *, alone: bool) -> tuple[list[Cluster], T]:
        """Clusters that fulfil `where`, and what `count` says of the jobs while these clusters stood still.

        Where they never stand still, a job may be told twice, as one to come and as one in the queue, but
        none is left out.  Where only we submit (`alone`) and had none a moment ago, nobody asks for them.
        """
        before = self._known(where, key, alone)
        counted = count()
        for _ in range(READS if before else 0):
            after = self.read(where, key)
            if after == before:
                break
            before, counted = after, count()
        return before, counted

    def read(self, where: str, key: str) -> list[Cluster]:
        """Those with jobs to come.  Raises `Unavailable` when there are more than can be looked at."""
        constraint = f"ProcId is undefined && {NEXT} < {COUNT} && ({where})"
        ads = self._pool.query(constraint, [*WANTED, key], limit=MOST + 1, how=CLUSTERS_ONLY)
        if len(ads) > MOST:
            raise Unavailable(f"more than {MOST} late-materialization clusters have yet to make jobs")
        found = [cluster(ad, key) for ad in ads]
        return sorted(one for one in found if one.mode in (MAKES, PAUSED, BROKEN))

    def drop(self, where: str, count: int, *, newest: bool, acting: Callable[[], None]) -> list[str]:
        """Let `count` jobs that are still to come never come, and say which; `acting` is called before.

        The schedd passes over them by itself: each edit holds only if the cluster has made no job since it
        was read, so no job that exists is meant, and none is dropped twice.
        """
        dropped: list[str] = []
        emptied: list[Cluster] = []
        for _ in range(EDITS):
            found = self.read(where, "") if len(dropped) < count else []
            if not found:
                break
            acting()
            for one in sorted(found, key=lambda one: one.number, reverse=newest):
                share = min(one.waiting, count - len(dropped))
                if share and self._pass_over(one, share, where):
                    dropped += [f"{one.number}.{one.next + index}" for index in range(share)]
                    emptied += [one] if share == one.waiting else []
        if emptied:
            self._sweep([one.number for one in emptied])
        return dropped

    def _known(self, where: str, key: str, alone: bool) -> list[Cluster]:
        now = self._clock()
        if alone and now - self._none.get(where, float("-inf")) < LOOK_AGAIN:
            return []
        found = self.read(where, key)
        if not found:
            self._none[where] = now
        return found

    def _pass_over(self, one: Cluster, share: int, where: str) -> bool:
        """Whether its next jobs were dropped; not if it has made one since it was read."""
        unchanged = f"ClusterId == {one.number} && ProcId is undefined && {NEXT} == {one.next} && ({where})"
        try:
            self._pool.schedd.edit(unchanged, NEXT, str(one.next + share), OF_CLUSTERS)
        except htcondor2.HTCondorException as error:
            if str(error).startswith(NO_MATCH):
                return False
            self._pool.forget()
            raise Unavailable(sentence(error)) from error
        return True

    def _sweep(self, numbers: Sequence[int]) -> None:
        """Remove the clusters among these that have no jobs, which the schedd overlooks; none can come.

        What goes wrong leaves an ad behind that nobody counts.
        """
        constraint = " || ".join(f"ClusterId == {number}" for number in numbers)
        with contextlib.suppress(Unavailable, htcondor2.HTCondorException):
            full = {ad["ClusterId"] for ad in self._pool.query(constraint, ["ClusterId"])}
            empty = [str(number) for number in numbers if number not in full]
            if empty:
                self._pool.schedd.act(htcondor2.JobAction.Remove, empty, "all of its jobs were given up")


def cluster(ad: Any, key: str) -> Cluster:
    """The cluster of an ad."""
    reason = " ".join(str(ad.get(REASON, "")).split())[:WORDS]
    return Cluster(str(ad.get(key, "")), ad["ClusterId"], ad[NEXT], ad[COUNT], ad.get(MODE, MAKES), reason)


def paused(clusters: Sequence[Cluster]) -> dict[str, list[str]]:
    """Sentences by key on those that make no jobs, the largest numbers first."""
    counts: Counter[tuple[str, str]] = Counter()
    for one in clusters:
        if one.status == HELD:
            counts[one.key, one.reason or "paused by a user"] += one.waiting
    found: defaultdict[str, list[str]] = defaultdict(list)
    for (key, reason), count in counts.most_common():
        if len(found[key]) < SENTENCES:
            found[key].append(f"{count} held before they are made: {reason}")
    return dict(found)
