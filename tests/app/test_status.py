"""The state of each queue, as the running factory tells it."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from autopyfactory.app.status import FINE, describe
from autopyfactory.errors import Rejected, Unavailable
from autopyfactory.factory import Factory
from autopyfactory.model import Demand, Proof, Supply
from autopyfactory.testing import until
from rig import Rig

DOWN = "5 pending for a resource that is down since 2030-01-31T12:00:00Z: condor ce ce:9619"


@pytest.fixture
def rig() -> Iterator[Rig]:
    rig = Rig()
    object.__setattr__(rig.cycle, "clock", time.monotonic)
    yield rig
    rig.close()


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (Supply(pending=5), "fine"),
        (Supply(pending=5, troubles=(DOWN,)), "troubled"),
        (Supply(pending=5, held=1, troubles=("1 held: code 12",)), "held"),
        (Supply(held=1), "held"),
        (Unavailable("no answer"), "failed"),
    ],
)
def test_a_queue_whose_target_tells_of_trouble_is_not_fine(
    rig: Rig, answer: Supply | Unavailable, state: str
) -> None:
    _, source = rig.source({"work": Demand()})
    fake, target = rig.target()
    fake.answers["q"] = answer
    plan = rig.plan([rig.queue(source, target, policies=(), interval=0.01)])
    factory = Factory(rig.cycle, cycles=1)
    factory.apply(plan)
    try:
        assert until(factory.finished)
        (queue,) = describe(factory, plan)["queues"]
    finally:
        factory.stop(5)
    assert queue["state"] == state
    assert (state in FINE) == (state == "fine")


def test_an_open_breaker_is_trouble_and_cuts_are_counted() -> None:
    rig = Rig()
    _, source = rig.source({"work": Demand(ready=5)})
    fake, target = rig.target()
    fake.fails["submit"] = Rejected("no such group")
    plan = rig.plan([rig.queue(source, target, interval=0.01)])
    factory = Factory(rig.cycle, cycles=12)
    factory.apply(plan)
    try:
        assert until(factory.finished)
        told = describe(factory, plan)
    finally:
        factory.stop(5)
        rig.close()
    assert told["queues"][0]["state"] == "troubled"
    assert told["guard"]["cuts"] == [{"limit": "breaker", "place": "q", "count": 2}]
    (breaker,) = told["guard"]["breakers"]
    assert (breaker["scope"], breaker["place"], breaker["failures"]) == ("queue", "q", 10)
    assert breaker["words"].startswith("the breaker of queue q is open for ")


def test_credentials_are_told_with_their_ends_and_troubles(rig: Rig) -> None:
    _, source = rig.source({"work": Demand()})
    _, target = rig.target()
    fake, proofs = rig.credential(Proof(path=Path("/proxy"), subject="/CN=Robot", end=1e6))
    plan = rig.plan([rig.queue(source, target, credentials=(proofs,))])
    factory = Factory(rig.cycle, cycles=0)
    assert describe(factory, plan)["credentials"]["robot"] == {
        "type": "x509",
        "subject": None,
        "path": None,
        "end": None,
        "trouble": None,
        "failed": 0,
    }
    proofs.renew()
    told = describe(factory, plan)["credentials"]["robot"]
    assert (told["subject"], told["path"]) == ("/CN=Robot", "/proxy")
    assert (told["end"], told["trouble"]) == ("1970-01-12T13:46:40Z", None)
    fake.fails["renew"] = Unavailable("no server")
    rig.clock.advance(1e6)
    proofs.renew()
    told = describe(factory, plan)["credentials"]["robot"]
    assert (told["trouble"], told["failed"]) == ("/proxy expired at 1970-01-12T13:46:40Z", 1)
