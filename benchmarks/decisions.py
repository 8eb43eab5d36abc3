"""How many decisions one core makes, trail included, for a chain of seven policies."""

import time

from figures import Figure, at_least

from autopyfactory.decide import decide
from autopyfactory.model import Demand, Observation, SiteStatus, Supply
from autopyfactory.policies.max_pending import MaxPending
from autopyfactory.policies.max_per_cycle import MaxPerCycle
from autopyfactory.policies.min_per_cycle import MinPerCycle
from autopyfactory.policies.ready import Ready
from autopyfactory.policies.scale import Scale
from autopyfactory.policies.status_offline import StatusOffline
from autopyfactory.policies.status_test import StatusTest

CHAIN = (
    Ready(),
    Scale(factor=0.5),
    MaxPerCycle(limit=100),
    MinPerCycle(limit=1),
    StatusTest(pilots=3),
    StatusOffline(),
    MaxPending(limit=10),
)
QUEUES = 1000
ROUNDS = 100
REPEATS = 5


def observe(number: int) -> Observation:
    """What one of the queues sees; all differ."""
    return Observation(
        demand=Demand(ready=1234 + number, status=SiteStatus.ONLINE),
        supply=Supply(pending=number % 12, running=50),
    )


def measure(seen: list[Observation]) -> float:
    """Decisions per second of CPU time."""
    began = time.process_time()
    for _ in range(ROUNDS):
        for observation in seen:
            decide(CHAIN, observation)
    return ROUNDS * len(seen) / (time.process_time() - began)


def run() -> list[Figure]:
    """The median of some repetitions."""
    seen = [observe(number) for number in range(QUEUES)]
    rates = sorted(measure(seen) for _ in range(REPEATS))
    how = f"decide(), chain of {len(CHAIN)}, {QUEUES} queues in turn, per CPU second, median of {REPEATS}"
    return [at_least("decisions", rates[REPEATS // 2], "1/s", 60_000, how)]
