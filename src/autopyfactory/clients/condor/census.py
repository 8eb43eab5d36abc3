"""A census: the jobs of a schedd counted for many constraints in one pass over its queue.

The schedd groups its jobs by the attributes that the constraints name, and each constraint is evaluated
here, once for each distinct tuple.  So the cost does not depend on the number of jobs or, much, of
constraints.  A constraint that names an attribute with too many values (QDate, ProcId) is `wide`: it is
counted job by job, a bounded number at a time.
"""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import classad2
import htcondor2

from autopyfactory.clients.condor.expression import Constraint, Verdicts
from autopyfactory.clients.condor.pool import Pool
from autopyfactory.errors import Unavailable

BASE = ("JobStatus", "RequestCpus")
TOTALS = ("JobFactoryTotalProcs", "TotalSubmitProcs", "JobMaterializeLimit")  # the first that knows
LATE = (*TOTALS, "JobMaterializeNextProcId", "JobFactoryPaused")  # no constraint sees JobFactory...
IDLE, HELD = 1, 5
PAUSED_BY_HOLD = 1
CHUNK = 20_000  # jobs that are looked at one by one at a time
CLUSTERS = 20_000  # late-materialization clusters that are looked at

Counts = dict[str, list[int]]  # JobStatus: jobs, cores


class Census:
    """Counts for one pool; it remembers which attributes are wide."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._wide: dict[str, int] = {}  # name in small letters: different values seen

    def take(
        self, texts: Sequence[str], where: str, attributes: Sequence[str], max_tuples: int
    ) -> dict[str, Any]:
        """Counts for each of `texts`, or what is wrong with it, of the jobs that fulfil `where`.

        `attributes` are those that `where` names.
        """
        constraints = [Constraint(index, text) for index, text in enumerate(texts)]
        good = [constraint for constraint in constraints if not constraint.error]
        tally = Tally(good)
        narrow, ads = self._group(good, where, attributes, max_tuples)
        tally.count(narrow, ((ad, ad["JobCount"]) for ad in ads))
        wide = [constraint for constraint in good if constraint not in narrow]
        for part in self._chunks(wide, where, attributes):
            tally.count(wide, ((ad, 1) for ad in part))
        tally.count(good, self._late(good, where, attributes))
        return {
            "counts": [tally.result(constraint) for constraint in constraints],
            "wide": {name: self._wide[name] for name in self._wide_names(names(wide, attributes))},
        }

    def _group(
        self, good: Sequence[Constraint], where: str, attributes: Sequence[str], limit: int
    ) -> tuple[list[Constraint], Sequence[Any]]:
        """The constraints that can be counted by groups, and the groups."""
        while True:
            narrow = [one for one in good if not self._wide_names(names([one], attributes))]
            wanted = names(narrow, attributes)
            ads = self._pool.group(where, wanted, limit=limit + 1) if narrow else ()
            if len(ads) <= limit:
                return narrow, ads
            values = {
                name.lower(): len({str(ad.lookup(name)) for ad in ads if name in ad}) for name in wanted
            }
            named = used(narrow)
            worst = max(values, key=lambda name: (values[name], name in named))
            self._wide[worst] = values[worst]

    def _chunks(
        self, wide: Sequence[Constraint], where: str, attributes: Sequence[str]
    ) -> Iterator[Sequence[Any]]:
        """All jobs that fulfil one of `wide`, a bounded number at a time."""
        if not wide:
            return
        total = self._pool.query("true", ["JobStatus"], how=htcondor2.QueryOpt.SummaryOnly)
        parts = int(total[0]["AllusersJobs"]) // CHUNK + 1
        any_of_them = " || ".join(f"({constraint.condition})" for constraint in wide)
        for part in range(parts):
            constraint = f"((ClusterId + ProcId) % {parts} == {part}) && ({where}) && ({any_of_them})"
            yield self._pool.query(constraint, names(wide, attributes))

    def _late(
        self, good: Sequence[Constraint], where: str, attributes: Sequence[str]
    ) -> Iterator[tuple[Any, int]]:
        """Clusters that have yet to make jobs, and how many: they wait like the cluster's other jobs."""
        if not good:
            return
        constraint = f"ProcId is undefined && JobMaterializeNextProcId isnt undefined && ({where})"
        wanted = [*names(good, attributes), *LATE]
        how = htcondor2.QueryOpt.IncludeClusterAd
        ads = self._pool.query(constraint, wanted, limit=CLUSTERS + 1, how=how)
        if len(ads) > CLUSTERS:
            raise Unavailable(f"more than {CLUSTERS} late-materialization clusters have yet to make jobs")
        for ad in ads:
            paused = ad.get("JobFactoryPaused", 0)
            if paused not in (0, PAUSED_BY_HOLD):
                continue
            ad["JobStatus"] = HELD if paused else IDLE
            yield ad, max(0, total(ad) - int(ad["JobMaterializeNextProcId"]))

    def _wide_names(self, attributes: Iterable[str]) -> list[str]:
        return sorted({name.lower() for name in attributes} & set(self._wide))


class Tally:
    """Counts that grow, ad by ad."""

    def __init__(self, constraints: Iterable[Constraint]) -> None:
        self._counts: dict[int, Counts] = {constraint.index: {} for constraint in constraints}
        self._broken: dict[int, bool] = {}

    def count(self, constraints: Sequence[Constraint], ads: Iterable[tuple[Any, int]]) -> None:
        """Add each ad, that many times, to every constraint that it fulfils."""
        if not constraints:
            return
        verdicts = Verdicts(constraints)
        now = int(time.time())
        for ad, jobs in ads:
            ad["CurrentTime"] = now
            status, cores = str(ad.get("JobStatus", 0)), jobs * number(ad, "RequestCpus")
            for index in verdicts.of(ad):
                counts = self._counts[index].setdefault(status, [0, 0])
                counts[0] += jobs
                counts[1] += cores
        for constraint in constraints:
            broken = verdicts.is_broken(constraint)
            if broken is not None:
                self._broken[constraint.index] = broken and self._broken.get(constraint.index, True)

    def result(self, constraint: Constraint) -> Mapping[str, Any]:
        """The counts, or what is wrong with the constraint."""
        if constraint.error:
            return {"error": constraint.error}
        if self._broken.get(constraint.index) and not self._counts[constraint.index]:
            wrong = f"constraint = {constraint.text!r} is an error for every job"
            return {"error": f"{wrong}: is a function misspelt, or text compared with a number?"}
        return self._counts[constraint.index]


def total(ad: Any) -> int:
    """All jobs of a cluster; its own total is -42 until it makes one, also after a restart of the schedd."""
    told = (int(ad.get(name, -1)) for name in TOTALS)
    return next((count for count in told if count >= 0), 0)


def names(constraints: Iterable[Constraint], attributes: Iterable[str]) -> list[str]:
    """The attributes to ask for, each once."""
    found = {name.lower(): name for name in [*BASE, *attributes]}
    for constraint in constraints:
        found |= {name.lower(): name for name in constraint.names if name.lower() not in found}
    return list(found.values())


def used(constraints: Iterable[Constraint]) -> set[str]:
    """The attributes that constraints name, in small letters."""
    return {name.lower() for constraint in constraints for name in constraint.names}


def number(ad: Any, name: str) -> int:
    """A number of an ad, evaluated; 1 where it is none."""
    value = ad.get(name, 1)
    if isinstance(value, classad2.ExprTree):
        value = value.eval(ad)
    return int(value) if isinstance(value, int | float) and value >= 1 else 1
