"""By what recorded cycles are decided anew."""

import json
from dataclasses import dataclass
from typing import ClassVar

import pytest

from assembling import planned, with_head
from autopyfactory.app.replay.ruling import Ruling, unit_of
from autopyfactory.errors import ConfigError, Unavailable
from autopyfactory.model import Demand, Need, Observation, Sibling, Supply, Unit
from autopyfactory.policies.fixed import Fixed
from autopyfactory.policies.max_pending import MaxPending
from autopyfactory.policies.ready import Ready
from autopyfactory.view import Fall, GuardView
from unlimited import FREE

KNOWN = Observation(demand=Demand(ready=9, as_of=1.0), supply=Supply(pending=2))
UNKNOWN = Observation(supply=Supply(pending=2))


@dataclass(frozen=True)
class Broken:
    """A stranger's policy that fails."""

    needs: ClassVar[frozenset[Need]] = frozenset()
    cap: ClassVar[bool] = False

    def __call__(self, count: int, seen: Observation, /) -> int:
        raise KeyError(seen.now, count)


def ruling(when_unknown: int | None = None) -> Ruling:
    chain = (Ready(), MaxPending(limit=5))
    return Ruling(policies=chain, when_unknown=when_unknown, cores=1, weight=1.0)


def test_it_decides_by_its_chain_and_cuts_by_what_the_guard_saw() -> None:
    assert getattr(ruling().decide(KNOWN, None, 0.0), "count", None) == 3
    full = GuardView(accounts=(FREE._replace(pilots=8, max_pilots=10),))
    cut = ruling().decide(KNOWN, full, 0.0)
    assert cut is not None
    assert (cut.count, str(cut.steps[-1].rule)) == (2, "guard: 10 pilots at ce01, 8 are there")


def test_an_unknown_demand_is_decided_as_the_configuration_says() -> None:
    assert ruling().decide(UNKNOWN, None, 0.0) is None
    for why, words in ((Unavailable("it hangs"), "it hangs"), (None, "it was not known then")):
        decision = ruling(4).decide(UNKNOWN, None, 0.0, why)
        assert decision is not None
        assert decision.count == 3
        assert str(decision.steps[0].rule) == f"demand unknown ({words}): when_unknown"


def test_a_chain_that_fails_decides_nothing() -> None:
    broken = Ruling(policies=(Broken(),), when_unknown=None, cores=1, weight=1.0)
    assert broken.decide(KNOWN, None, 0.0) is None
    assert broken.number(KNOWN, None, 0.0) is None


@pytest.mark.parametrize("when_unknown", [None, 4])
@pytest.mark.parametrize("seen", [KNOWN, UNKNOWN])
@pytest.mark.parametrize("view", [None, GuardView(), GuardView(fall=Fall(what="pilots", before=90, now=1))])
def test_the_number_alone_is_that_of_the_decision(
    seen: Observation, view: GuardView | None, when_unknown: int | None
) -> None:
    decision = ruling(when_unknown).decide(seen, view, 0.0)
    number = ruling(when_unknown).number(seen, view, 0.0)
    assert number == (None if decision is None else decision.count)


def test_without_a_policy_the_number_is_0() -> None:
    empty = Ruling(policies=(), when_unknown=None, cores=1, weight=1.0)
    assert empty.number(KNOWN, None, 0.0) == 0


def test_it_sees_with_its_own_cores_weights_and_siblings() -> None:
    text = """
    [queue.A]
    pilot = { cores = 2 }
    weight = 3.0
    [queue.B]
    weight = 4.0
    [queue.C]
    work = { label = "other" }
    """
    plan = planned(with_head(text))
    seen = Observation(siblings=(Sibling(queue="B", weight=1.0, pending=5), Sibling(queue="C")))
    adapted = Ruling.of_queue(plan.queues["A"], plan).adapt(seen)
    assert (adapted.cores, adapted.weight) == (2, 3.0)
    assert adapted.siblings == (Sibling(queue="B", weight=4.0, pending=5),)


def test_what_is_seen_alike_is_not_made_anew() -> None:
    assert ruling().adapt(KNOWN) is KNOWN


def test_a_definition_gives_back_what_decided() -> None:
    text = "[queue.A]\nwhen_unknown = { submit = 2 }\nweight = 0.5\npilot = { cores = 2 }\n"
    plan = planned(with_head(text))
    queue = plan.queues["A"]
    found = Ruling.of_definition(queue.definition)
    assert (found.policies, found.when_unknown, found.cores, found.weight) == (queue.policies, 2, 2, 0.5)
    assert (found.siblings, found.bounds) == (None, None)


@pytest.mark.parametrize(
    "text", ["", "{}", json.dumps({"policies": []}), json.dumps({"policies": [], "pilot": 1})]
)
def test_what_is_no_definition_gives_nothing(text: str) -> None:
    with pytest.raises(ConfigError, match="nobody knows what it was configured as"):
        Ruling.of_definition(text)


def test_work_is_counted_as_the_chain_counts_it() -> None:
    assert unit_of((Fixed(count=1), Ready(unit=Unit.CORES))) is Unit.CORES
    assert unit_of((Fixed(count=1),)) is Unit.JOBS
