"""HTCondor as a work source: the jobs of a schedd, selected for each queue by a ClassAd constraint."""

import logging
from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar

from pydantic import field_validator

from autopyfactory.clients.condor.client import FACTORY, HELD, IDLE, RUNNING, need_bindings
from autopyfactory.clients.condor.options import Contact
from autopyfactory.clients.condor.syntax import mistake
from autopyfactory.clients.condor.way import find_way
from autopyfactory.errors import Unavailable
from autopyfactory.model import Demand, Need, Place
from autopyfactory.options import Options, Positive, SourceSection
from autopyfactory.ports import Prover

NOT_FOR_PILOTS = "JobUniverse =!= 7 && JobUniverse =!= 9 && JobUniverse =!= 12"  # scheduler, grid, local

log = logging.getLogger(__name__)


class HTCondorWork(Options):
    """Which jobs are a queue's."""

    constraint: str = "true"
    """ClassAd expression over job attributes, as for `condor_q -constraint`."""

    @field_validator("constraint")
    @classmethod
    def check_syntax(cls, text: str) -> str:
        """Find slips of the pen; the rest is found where the bindings are, when jobs are counted."""
        wrong = mistake(text)
        if wrong:
            raise ValueError(f"{text!r} is no ClassAd expression: {wrong}")
        return text


class HTCondorSourceOptions(Contact, SourceSection):
    """A schedd, local or remote."""

    pilots: bool = False
    """Count pilots of any factory as work, too."""
    max_tuples: Positive = 10_000
    """Different combinations of the attributes named by constraints up to which jobs are grouped."""


class HTCondorSource:
    """Idle, running and held jobs and cores of one schedd, for all queues in one pass over its queue."""

    options = HTCondorSourceOptions
    work: ClassVar[type[HTCondorWork]] = HTCondorWork
    proves: ClassVar[str] = "credential"
    gives: ClassVar[frozenset[Need]] = frozenset({Need.DEMAND})

    def __init__(
        self, options: HTCondorSourceOptions, place: Place, credentials: Sequence[Prover] = ()
    ) -> None:
        need_bindings()
        self._options = options
        self._connection = find_way(options.identity, place.state, credentials).connect()
        self._wide: dict[str, int] = {}

    def demand(self, works: Collection[HTCondorWork]) -> Mapping[HTCondorWork, Demand | Unavailable]:
        """Count for all constraints at once; one that is wrong spoils only its own answer."""
        constraints = sorted({work.constraint for work in works})
        if not constraints:
            return {}
        where, attributes = NOT_FOR_PILOTS, ["JobUniverse"]
        if not self._options.pilots:
            where, attributes = f"{where} && {FACTORY} is undefined", [*attributes, FACTORY]
        answer = self._call(
            "census",
            constraints=constraints,
            where=where,
            attributes=attributes,
            max_tuples=self._options.max_tuples,
        )
        self._note_wide(answer["wide"])
        found = {text: to_demand(counts) for text, counts in zip(constraints, answer["counts"], strict=True)}
        return {work: found[work.constraint] for work in works}

    def probe(self) -> list[str]:
        """Whether the schedd answers, and what made the last count slow."""
        self._call("hello")
        return [wide_sentence(item) for item in self._wide.items()]

    def close(self) -> None:
        """Let the child go, whatever it does."""
        self._connection.close()

    def _call(self, name: str, **arguments: Any) -> Any:
        return self._connection.call(name, arguments, seconds=self._options.timeout.total_seconds())

    def _note_wide(self, wide: Mapping[str, int]) -> None:
        for item in wide.items():
            if item[0] not in self._wide:
                log.warning("%s: %s", self._connection.identity, wide_sentence(item))
        self._wide = dict(wide)


def to_demand(counts: Mapping[str, Any]) -> Demand | Unavailable:
    """What jobs and cores by JobStatus come to, or what is wrong with the constraint."""
    if "error" in counts:
        return Unavailable(counts["error"])
    ready, ready_cores = total(counts, [IDLE])
    running, running_cores = total(counts, RUNNING)
    held, held_cores = total(counts, [HELD])
    return Demand(
        ready=ready,
        running=running,
        held=held,
        ready_cores=ready_cores,
        running_cores=running_cores,
        held_cores=held_cores,
    )


def total(counts: Mapping[str, Any], states: Collection[int]) -> tuple[int, int]:
    """Jobs and cores in `states`."""
    found = [counts[str(state)] for state in states if str(state) in counts]
    return sum(jobs for jobs, _ in found), sum(cores for _, cores in found)


def wide_sentence(item: tuple[str, int]) -> str:
    """Why counting is slow, and the mend."""
    name, values = item
    return (
        f"constraints name {name}, which has {values} or more different values, so jobs are counted one by"
        " one; select by an attribute with fewer values"
    )
