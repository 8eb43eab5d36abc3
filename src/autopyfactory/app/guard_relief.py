"""Relief of the guard: which single limit of it, if it were raised, would leave more of a chain's number."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from autopyfactory.app.assembly.validation import check
from autopyfactory.app.relief import Limit, Relief
from autopyfactory.app.replay.bounds import limited
from autopyfactory.cut import cuts, remainder
from autopyfactory.guard import RATED
from autopyfactory.limits import Limits
from autopyfactory.view import Account, GuardView

STARTING = ("max_pilots", "per_minute")  # what bounds a submission
RETIRING = ("retire_share", "retire_least")  # and what a retirement


def guard_reliefs(count: int, view: GuardView) -> Iterator[Relief]:
    """Every limit of the guard that would leave more of the chain's number by itself, if raised."""
    before = remainder(count, view)
    sign = 1 if count > 0 else -1
    for place, account in enumerate(view.accounts):
        for option in STARTING if count > 0 else RETIRING:
            limit = Limit(section(account), option, getattr(account, option))
            found = limit.raised(Loosened(count, view, place, option), before, sign)
            if found is not None:
                yield found


def emptied(count: int, view: GuardView) -> list[str]:
    """The rates that left nothing of it: what higher ones would have left nobody can tell."""
    rated = {one.place for one in cuts(count, view) if one.kind in RATED}
    return [
        f"{section(account)}.per_minute"
        for account in view.accounts
        if account.place in rated and account.per_minute and not account.fair
    ]


def section(account: Account) -> str:
    """Where its limits stand in a configuration."""
    return f"target.{account.place}.guard" if account.place else "factory.guard"


@dataclass(frozen=True, slots=True)
class Loosened:
    """What the guard leaves of a count where one option of one account is changed."""

    count: int
    view: GuardView
    place: int
    option: str

    def __call__(self, value: float) -> int | None:
        """The count with this value; None where the option may not have it."""
        accounts = self.view.accounts
        account = accounts[self.place]
        limits = check(Limits, {**table_of(account), self.option: value}).value
        if limits is None:
            return None
        changed = (*accounts[: self.place], limited(account, limits), *accounts[self.place + 1 :])
        return remainder(self.count, replace(self.view, accounts=changed))


def table_of(account: Account) -> dict[str, object]:
    """The limits that an account was kept under."""
    names = (*STARTING, *RETIRING)
    return {name: getattr(account, name) for name in names} | {
        "retire_period": timedelta(seconds=account.retire_period)
    }
