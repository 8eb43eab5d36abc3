"""The history of a schedd, read from its end back to what was seen before: how jobs ended."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

import htcondor2

from autopyfactory.clients.condor.pool import Pool, sentence
from autopyfactory.errors import Unavailable

COMPLETED, GRID = 4, 9
MATCH = 20_000  # jobs of one reading; what is beyond them is too old to matter
REASON = 160  # characters
BY_HAND = "via condor_rm"
OWN_RULE = "The job attribute PeriodicRemove"
IDENTIFIER = ["ClusterId", "ProcId"]
WANTED = [
    *IDENTIFIER,
    "JobStatus",
    "JobUniverse",
    "EnteredCurrentStatus",
    "CompletionDate",
    "RemoteWallClockTime",
    "JobStartDate",
    "ExitCode",
    "ExitBySignal",
    "ExitSignal",
    "RemoveReason",
]


class History:
    """What was recorded since a cursor, which is the job that was recorded last.

    Records are in the order in which jobs left the queue, and that is not the order of any time they
    hold: a completed job may stay in the queue for days until its output is fetched.  Hence a job and
    not a time is where a reading stops; where it was rotated away, one reading goes over all there is.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def read(self, where: str, key: str, cursor: str, oldest: float, most: int) -> dict[str, Any]:
        """Records of jobs that ended after `oldest`, by the schedd's clock, and the next cursor.

        `rows` are `[key, identifier, end, run time, reason]`, the newest last, `most` per value of
        `key`; `unborn` counts by reason those that were removed before they ran, though by nobody's
        hand; no reason: by their own rules.  Without a cursor it goes back to `oldest`.  One recorded
        while this runs may be told again by the next reading.
        """
        last = self._ask(None, IDENTIFIER, 1, None)
        here = identifier(last[0]) if last else cursor
        if here == cursor:
            return {"cursor": cursor, "rows": [], "unborn": {}}
        # jobs that were spooled completed long before they are recorded, so they stop nothing
        stop = f"JobStatus == 4 && StageInFinish =?= undefined && CompletionDate < {int(oldest)}"
        constraint = f"({where}) && EnteredCurrentStatus > {int(oldest)}"
        ads = self._ask(constraint, [*WANTED, key], MATCH, cursor or stop)
        rows: defaultdict[str, list[list[Any]]] = defaultdict(list)
        unborn: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for ad in ads:
            name = str(ad.get(key, ""))
            if not has_run(ad):
                unborn[name].update(causes(ad))
            if len(rows[name]) < most and (known := run_time(ad)) is not None:
                rows[name].append([name, identifier(ad), ended_at(ad), known, reason(ad)])
        told = [row for found in rows.values() for row in reversed(found)]
        return {"cursor": here, "rows": told, "unborn": unborn}

    def _ask(self, constraint: str | None, attributes: Sequence[str], match: int, since: str | None) -> Any:
        try:
            return self._pool.schedd.history(constraint, list(attributes), match=match, since=since)
        except htcondor2.HTCondorException as error:
            self._pool.forget()
            raise Unavailable(sentence(error)) from error


def identifier(ad: Any) -> str:
    """'cluster.proc'."""
    return f"{ad['ClusterId']}.{ad['ProcId']}"


def has_run(ad: Any) -> bool:
    """Whether it ever began."""
    return ad["JobStatus"] == COMPLETED or "JobStartDate" in ad or ad.get("RemoteWallClockTime", 0) > 0


def causes(ad: Any) -> list[str]:
    """Why it was removed, empty for a rule of its own; none where somebody did it by hand."""
    words = reason(ad)
    if "RemoveReason" not in ad or words.startswith(BY_HAND):
        return []
    return ["" if words == OWN_RULE else words]


def ended_at(ad: Any) -> float:
    """When it ended, by the schedd's clock; of one removed while it was held, when it was held."""
    return float(ad.get("CompletionDate") or ad["EnteredCurrentStatus"])


def run_time(ad: Any) -> float | None:
    """Seconds that it ran, all attempts together; None where a grid job does not tell.

    One that was dropped before it began ran for 0; None of one that nobody but we took away so early.
    """
    if not has_run(ad):
        return 0.0 if any(causes(ad)) else None
    told = float(ad.get("RemoteWallClockTime") or 0)
    if told > 0 or ad.get("JobUniverse") != GRID:
        return told
    start = ad.get("JobStartDate")
    return max(0.0, ended_at(ad) - start) if start else None


def reason(ad: Any) -> str:
    """How it ended, in words."""
    if ad["JobStatus"] != COMPLETED:
        words = str(ad.get("RemoveReason", "removed")).partition(" expression '")[0]  # the rule is known
        return " ".join(words.split())[:REASON]
    if ad.get("ExitBySignal"):
        return f"signal {ad.get('ExitSignal')}"
    return f"exit code {ad['ExitCode']}" if "ExitCode" in ad else "completed"
