"""What the child can be asked, in HTCondor's words.  Answers are small: counts, records, identifiers."""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import htcondor2

from autopyfactory.clients.condor.cautions import Cautions
from autopyfactory.clients.condor.census import Census
from autopyfactory.clients.condor.clusters import CLUSTERS_ONLY, COUNT, Clusters, paused
from autopyfactory.clients.condor.history import History
from autopyfactory.clients.condor.pool import Pool, sentence
from autopyfactory.clients.condor.proxies import Proxies
from autopyfactory.clients.condor.queue import Selection
from autopyfactory.clients.condor.refusal import refusal
from autopyfactory.clients.condor.sandboxes import Sandboxes, send
from autopyfactory.clients.condor.spool import SPOOLING
from autopyfactory.clients.condor.troubles import troubles
from autopyfactory.errors import FactoryError, Rejected, Unavailable, may_have_happened

GROUPS = 100_000  # rows of one tally
STARTS = 20_000  # records of one tally
NO_HISTORY = "HISTORY undefined"  # how a schedd says that it keeps none, HTCondor 23 to 25


class Calls:
    """The calls by name; `acting` is called right before one that changes the world."""

    def __init__(self, identity: Mapping[str, Any], acting: Callable[[], None]) -> None:
        self._pool = Pool(identity)
        self._census = Census(self._pool)
        self._history = History(self._pool)
        self._clusters = Clusters(self._pool)
        self._sandboxes = Sandboxes(self._pool)
        self._proxies = Proxies(self._pool)
        self._acting = acting
        self.cautions = Cautions()

    def hello(self) -> dict[str, Any]:
        """Who answers: the schedd's version and clock."""
        self._pool.forget()
        clock = self._pool.clock()
        return {"version": self._pool.version, "clock": clock}

    def tally(
        self, where: str, attributes: Sequence[str], key: str, recent: float, alone: bool
    ) -> dict[str, Any]:
        """Jobs counted by `key` and JobStatus, and when those that run began, if within `recent` seconds.

        Jobs that late-materialization clusters have yet to make count as idle, or as held where their
        cluster is paused, and `paused` says why.  `attributes` are those that `where` names, and
        HoldReasonCode where jobs are spooled: those whose files are on their way count as idle.  `alone`
        says that nobody but us submits such jobs.  A row is `[key, JobStatus, count]`, a start `[key,
        monotonic seconds, count]`: the latest moment at which it can have been, as HTCondor writes
        whole seconds.
        """
        clusters, rows = self._clusters.beside(
            where, key, lambda: self._counted(where, attributes, key), alone=alone
        )
        for cluster in clusters:
            rows[cluster.key, cluster.status] += cluster.waiting
        clock, now = self._pool.clock(), time.monotonic()
        starts: Counter[tuple[str, float]] = Counter()
        if any(status == RUNNING for _, status in rows):
            for name, began in self._began(where, key, clock, recent):
                starts[name, min(now, now - clock + began + 1)] += 1
        return {
            "rows": [[*row, count] for row, count in rows.items()],
            "starts": [[*start, count] for start, count in starts.items()],
            "paused": paused(clusters),
            "clock": clock,
        }

    def tagged(self, where: str, attribute: str, values: Sequence[str], since: float) -> dict[str, int]:
        """Jobs by value of `attribute`, of those asked for: in the queue, and ended since `since`.

        A late-materialization cluster counts in full as soon as anything of it is seen.
        """
        asked = " || ".join(f"{attribute} =?= {value}" for value in map(quoted, values))
        constraint = f"({where}) && ({asked})"
        late = self._pool.query(
            f"{constraint} && {COUNT} isnt undefined", [attribute, COUNT], how=CLUSTERS_ONLY
        )
        if late:
            self._clusters.expect_more()
        seen = [
            *late,
            *self._pool.query(constraint, [attribute, COUNT]),
            *self._ended(constraint, attribute, since),
        ]
        single = Counter(str(ad[attribute]) for ad in seen if COUNT not in ad)
        return dict(single) | {str(ad[attribute]): int(ad[COUNT]) for ad in seen if COUNT in ad}

    def history(self, where: str, key: str, cursor: str, oldest: float, most: int) -> dict[str, Any]:
        """How jobs ended since the last reading; see `History`."""
        return self._history.read(where, key, cursor, oldest, most)

    def troubles(self, where: str, key: str) -> dict[str, list[str]]:
        """Held jobs by reason, and jobs that wait for a resource that is down, in sentences by `key`."""
        return troubles(self._pool, where, key)

    def submit(self, description: str, count: int, spool: bool = False, late: bool = False) -> dict[str, Any]:
        """Submit `count` jobs in one transaction, as lines of the submit language describe them.

        `spool` sends their files after it; `late` says that the schedd makes them bit by bit.  Raises
        `Rejected` with the schedd's words.
        """
        schedd = self._pool.schedd
        self.cautions.begin()
        try:
            job = htcondor2.Submit(description)
            if late:
                self._clusters.expect_more()
            self._acting()
            result = schedd.submit(job, count=count, spool=spool)
        except (htcondor2.HTCondorException, TypeError, ValueError) as error:
            self._pool.forget()
            raise refusal(error) from error
        if spool:
            send(self._pool, result)
        return {
            "cluster": result.cluster(),
            "first": result.first_proc(),
            "count": result.num_procs(),
            "warnings": self.cautions.said(),
        }

    def remove(self, where: str, states: Sequence[int], count: int, newest: bool, reason: str) -> list[str]:
        """Remove `count` jobs and say which: first those yet to be made, then by the order of `states`."""
        gone = self._clusters.drop(where, count, newest=newest, acting=self._acting)
        if len(gone) < count:
            try:
                gone += self._remove(where, states, count - len(gone), newest, reason)
            except FactoryError as error:
                if not gone or may_have_happened(error):
                    raise
        return gone

    def _remove(self, where: str, states: Sequence[int], count: int, newest: bool, reason: str) -> list[str]:
        """Remove `count` jobs, by the order of `states`, and say which.

        The constraint of the act holds every job's state again, so that the schedd itself spares those
        that have changed since they were chosen.
        """
        selection = Selection(self._pool, where, states)
        chosen = selection.choose(count, newest=newest)
        if not chosen:
            return []
        self._acting()
        try:
            done = self._pool.schedd.act(
                htcondor2.JobAction.Remove, selection.constraint(chosen), (reason, None)
            )
        except htcondor2.HTCondorException as error:
            self._pool.forget()
            raise Unavailable(sentence(error)) from error
        if not done["TotalSuccess"]:
            denied = done["TotalPermissionDenied"]
            if denied:
                raise Rejected(f"the schedd does not let us remove our {denied} jobs: permission denied")
            return []
        return selection.removed(chosen)

    def fetch(self, where: str, key: str, root: str, largest: int, seconds: float) -> dict[str, Any]:
        """Output of completed jobs that were spooled; see `Sandboxes`."""
        return self._sandboxes.fetch(where, key, root, largest, seconds)

    def sweep(self, where: str, age: float) -> dict[str, int]:
        """Remove jobs whose files never came; see `Sandboxes`."""
        return self._sandboxes.sweep(where, age)

    def refresh(self, where: str, attributes: Sequence[str], seconds: float) -> dict[str, Any]:
        """Take renewed X.509 proxies to jobs that were spooled; see `Proxies`."""
        return self._proxies.refresh(where, attributes, seconds)

    def census(
        self, constraints: Sequence[str], where: str, attributes: Sequence[str], max_tuples: int
    ) -> dict[str, Any]:
        """Jobs and cores by JobStatus for each constraint; see `Census`."""
        return self._census.take(constraints, where, attributes, max_tuples)

    def _counted(self, where: str, attributes: Sequence[str], key: str) -> Counter[tuple[str, int]]:
        """Jobs in the queue by `key` and JobStatus."""
        ads = self._pool.group(where, [*attributes, key, "JobStatus"], limit=GROUPS + 1)
        if len(ads) > GROUPS:
            raise Unavailable(f"the jobs differ in more than {GROUPS} ways in {key}")
        rows: Counter[tuple[str, int]] = Counter()
        for ad in ads:
            rows[str(ad.get(key, "")), state(ad)] += ad["JobCount"]
        return rows

    def _began(self, where: str, key: str, clock: float, recent: float) -> list[tuple[str, int]]:
        """When running jobs began, for as long back as there are not too many."""
        constraint = "JobStatus == 2 && EnteredCurrentStatus > {} && (" + where + ")"
        wanted = [key, "JobCurrentStartDate", "EnteredCurrentStatus"]
        ads: Sequence[Any] = ()
        for window in (recent, recent / 4, recent / 16):
            oldest = int(clock - window)
            ads = self._pool.query(constraint.format(oldest), wanted, limit=STARTS + 1)
            if len(ads) <= STARTS:
                break
        moments = [(str(ad.get(key, "")), start(ad)) for ad in ads]
        return [(name, moment) for name, moment in moments if moment > oldest]

    def _ended(self, constraint: str, attribute: str, since: float) -> Sequence[Any]:
        """The same jobs in the history; none where a schedd keeps none."""
        # jobs that were spooled completed long before they are recorded, so they stop nothing
        stop = f"JobStatus == 4 && StageInFinish =?= undefined && CompletionDate < {int(since)}"
        try:
            ads = list(
                self._pool.schedd.history(constraint, [attribute, COUNT], match=GROUPS + 1, since=stop)
            )
        except htcondor2.HTCondorException as error:
            if str(error).startswith(NO_HISTORY):
                return []
            self._pool.forget()
            raise Unavailable(f"history: {sentence(error)}") from error
        if len(ads) > GROUPS:
            raise Unavailable(f"more than {GROUPS} of the jobs that are asked for ended")
        return ads


IDLE, RUNNING, HELD = 1, 2, 5


def state(ad: Any) -> int:
    """The JobStatus of a job or a group of them; one whose files are on their way is as good as idle."""
    status = int(ad.get("JobStatus", 0))
    return IDLE if status == HELD and ad.get("HoldReasonCode") == SPOOLING else status


def start(ad: Any) -> int:
    """When a running job began; the grid's have no JobCurrentStartDate."""
    moment = ad.get("JobCurrentStartDate")
    return moment if isinstance(moment, int) else int(ad["EnteredCurrentStatus"])


def quoted(text: str) -> str:
    """Text as a ClassAd string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
