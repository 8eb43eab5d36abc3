"""Bounds: what the guard saw in a recorded cycle, under the limits of another configuration."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from autopyfactory.cycle import Queue
from autopyfactory.downtime import Downtime, closures
from autopyfactory.limits import Limits
from autopyfactory.plan import Plan
from autopyfactory.view import EVERYWHERE, Account, GuardView, Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """The limits for one queue: of its target, of the factory, and all downtimes that reach it."""

    queue: str
    target: str
    here: Limits
    everywhere: Limits
    downtimes: Mapping[tuple[Scope, str], tuple[Downtime, ...]]

    @classmethod
    def of(cls, queue: Queue, plan: Plan) -> "Bounds":
        """Those of a queue in a plan."""
        here, everywhere = queue.target.options.guard, plan.settings.guard
        downtimes = {
            (Scope.QUEUE, queue.name): queue.limits.downtime,
            (Scope.TARGET, queue.target.name): here.downtime,
            (Scope.FACTORY, EVERYWHERE): everywhere.downtime,
        }
        return cls(
            queue=queue.name,
            target=queue.target.name,
            here=here,
            everywhere=everywhere,
            downtimes={key: times for key, times in downtimes.items() if times},
        )

    def apply(self, view: GuardView, wall: float) -> GuardView:
        """The same view under these limits; what the recorded ones left, tokens, falls, breakers, stays."""
        accounts = tuple(
            [limited(account, self.here if account.place else self.everywhere) for account in view.accounts]
        )
        closed = closures(self.downtimes, self.queue, self.target, wall) if self.downtimes else ()
        if accounts == view.accounts and closed == view.closures:
            return view
        return replace(view, accounts=accounts, closures=closed)


def limited(account: Account, limits: Limits) -> Account:
    """An account under other limits.  Tokens change as the rate does: they are what a bucket had left."""
    period = limits.retire_period.total_seconds()
    if (
        account.max_pilots == limits.max_pilots
        and account.per_minute == limits.per_minute
        and account.retire_share == limits.retire_share
        and account.retire_least == limits.retire_least
        and account.retire_period == period
    ):
        return account
    return account._replace(
        max_pilots=limits.max_pilots,
        per_minute=limits.per_minute,
        tokens=scale(account.tokens, account.per_minute, limits.per_minute),
        fair=scale(account.fair, account.per_minute, limits.per_minute),
        retire_share=limits.retire_share,
        retire_least=limits.retire_least,
        retire_period=period,
    )


def scale(tokens: int, before: int | None, after: int | None) -> int:
    """Tokens of a bucket of another rate; where none was kept, a full one."""
    if before == after or after is None:
        return tokens
    return tokens * after // before if before else after
