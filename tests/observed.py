"""One observation in few words, for the tables of the tests of policies."""

from collections.abc import Collection

from autopyfactory.model import Demand, Ended, Observation, Sibling, SiteStatus, Supply

CLOCK = 1_700_000_000.0


def observed(
    *,
    ready: int = 0,
    cores: int = 1,
    ready_cores: int = 0,
    started: int = 0,
    pending: int = 0,
    running: int = 0,
    idle: int | None = None,
    status: SiteStatus | None = SiteStatus.ONLINE,
    lifetime: int | None = None,
    uncertain: int = 0,
    ended: Collection[Ended] | None = (),
    siblings: Collection[Sibling] = (),
    weight: float = 1.0,
    factory: int = 0,
) -> Observation:
    """An observation of these numbers at `CLOCK` of the target's clock."""
    return Observation(
        demand=Demand(ready=ready, ready_cores=ready_cores, status=status),
        supply=Supply(
            pending=pending,
            running=running,
            idle=idle,
            lifetime=lifetime,
            uncertain=uncertain,
            ended=None if ended is None else tuple(ended),
            clock=CLOCK,
        ),
        siblings=tuple(siblings),
        started=started,
        cores=cores,
        weight=weight,
        factory=factory,
    )
