"""Cut a decision to what the guard's view of the world leaves of it.  Pure: a replay cuts the same."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import NamedTuple

from autopyfactory.fields import timestamp, write_duration
from autopyfactory.model import Decision
from autopyfactory.view import Account, Closure, Fall, GuardView, Scope, Tripped


class Bound(NamedTuple):
    """At most `room` pilots may be started, or retired, and what says so."""

    kind: str  # the option, or the habit, of the guard
    place: str  # name of the queue or target; empty for the factory
    room: int
    words: Callable[[], str]


class Cut(NamedTuple):
    """A bound that took something away: `before` and after, without sign."""

    kind: str
    place: str
    before: int
    after: int
    words: str


def cut(decision: Decision, view: GuardView) -> Decision:
    """What is left of the decision, with a step for each cut.  It never grows and never changes its sign."""
    return apply(decision, cuts(decision.count, view))


def remainder(count: int, view: GuardView) -> int:
    """The number alone of what is left of a count."""
    made = cuts(count, view)
    if not made:
        return count
    return made[-1].after if count > 0 else -made[-1].after


def apply(decision: Decision, made: list[Cut]) -> Decision:
    """The decision after these cuts."""
    sign = -1 if decision.count < 0 else 1
    for one in made:
        decision = decision.then(f"guard: {one.words}", sign * one.after)
    return decision


def cuts(count: int, view: GuardView) -> list[Cut]:
    """What the bounds take from a count, one after the other."""
    left = abs(count)
    made: list[Cut] = []
    if not left:
        return made
    for bound in starting(view) if count > 0 else retiring(view):
        if left > bound.room:
            made.append(Cut(bound.kind, bound.place, left, bound.room, bound.words()))
            left = bound.room
    return made


def starting(view: GuardView) -> Iterator[Bound]:
    """What bounds a submission."""
    if view.fall is not None:
        yield fallen(view.fall)
    for closure in view.closures:
        yield closed(closure)
    for tripped in view.breakers:
        yield broken(tripped)
    for account in view.accounts:
        if account.max_pilots is not None:
            yield Bound("max_pilots", account.place, account.room, full(account))
        if account.per_minute is not None:
            kind = "fairness" if account.fair < account.tokens else "per_minute"
            yield Bound(kind, account.place, account.fair, slow(account))


def retiring(view: GuardView) -> Iterator[Bound]:
    """What bounds a retirement."""
    if view.uncertain:
        yield never("uncertain", f"nothing is retired while {view.uncertain} pilots are uncertain")
    yield from (fallen(fall) for fall in (view.fall, view.work) if fall is not None)
    if not view.confirmed:
        yield never("unconfirmed", "nothing is retired until two readings agree")
    yield from (closed(closure) for closure in view.closures if not closure.retire)
    shared = (account for account in view.accounts if account.retire_share is not None)
    yield from (
        Bound("retire_share", account.place, account.retirable, spared(account)) for account in shared
    )


def never(kind: str, words: str) -> Bound:
    """Nothing at all."""
    return Bound(kind, "", 0, lambda: words)


def fallen(fall: Fall) -> Bound:
    """A reading that is not believed yet."""
    return never("fall", f"{fall.what} fell from {fall.before} to {fall.now}, a second reading must agree")


def closed(closure: Closure) -> Bound:
    """A downtime."""

    def words() -> str:
        name = f" '{closure.name}'" if closure.name else ""
        return f"downtime{name} {where(closure.scope, closure.place)} until {timestamp(closure.until)}"

    return Bound("downtime", closure.place, 0, words)


def broken(tripped: Tripped) -> Bound:
    """A breaker that is open, or tries one pilot."""

    def words() -> str:
        whose = f"the breaker of {tripped.scope.value} {tripped.place}"
        failed = f"after {tripped.failures} failures in a row"
        if tripped.trying:
            return f"{whose} waits for what becomes of one pilot, {failed}"
        if tripped.wait > 0:
            return f"{whose} is open for {tripped.wait:.0f} s more, {failed}"
        return f"{whose} tries one pilot, {failed}"

    return Bound("breaker", tripped.place, tripped.room, words)


def full(account: Account) -> Callable[[], str]:
    """Words for `max_pilots`."""
    return lambda: f"{account.max_pilots} pilots {place(account)}, {account.pilots} are there"


def slow(account: Account) -> Callable[[], str]:
    """Words for `per_minute`, and for a part of it that is not this queue's."""

    def words() -> str:
        rate = f"{account.per_minute} pilots a minute {place(account)}"
        if account.fair == account.tokens:
            return rate
        others = "1 other queue waits" if account.waiting == 1 else f"{account.waiting} other queues wait"
        return f"{rate}, for which {others}"

    return words


def spared(account: Account) -> Callable[[], str]:
    """Words for `retire_share`."""
    return lambda: (
        f"{account.retire_share:.0%} of {account.pilots} pilots {place(account)} may be"
        f" retired in {write_duration(timedelta(seconds=account.retire_period))}, {account.retired} were"
    )


def place(account: Account) -> str:
    """Where an account is kept, in words."""
    return where(Scope.TARGET if account.place else Scope.FACTORY, account.place)


def where(scope: Scope, name: str) -> str:
    """Where something holds, in words."""
    return {Scope.QUEUE: f"of queue {name}", Scope.TARGET: f"at {name}"}.get(scope, "in the whole factory")
