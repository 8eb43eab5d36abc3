"""The guard: limits over all queues, applied after all policies.  It only reduces, and says so.

Under one lock it looks (`view.py`), cuts (`cut.py`) and reserves what it allows, so that queues which
share a reading cannot overshoot together; what was not used goes back.  It belongs to the process, not
to the plan.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from autopyfactory.breaker import Breakers, Key
from autopyfactory.budget import Budget
from autopyfactory.cut import Cut, apply, cuts
from autopyfactory.downtime import Downtime, closures
from autopyfactory.errors import Unavailable, given_up
from autopyfactory.fairness import Ask
from autopyfactory.fleet import Fleet, Grant
from autopyfactory.limits import Limits, QueueLimits, TargetLimits
from autopyfactory.model import Clock, Decision, Demand, Observation, Outcome
from autopyfactory.steady import Belief
from autopyfactory.view import EVERYWHERE, Account, Fall, GuardView, Scope, Tripped

RATED = ("per_minute", "fairness")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stake:
    """What the guard must know of a queue: its own limits, and its interval in seconds."""

    limits: QueueLimits = field(default_factory=QueueLimits)
    interval: float = 360.0


class Permit(NamedTuple):
    """What the guard left of a decision, what it saw, and what it set aside until the act has ended."""

    queue: str
    target: str
    decision: Decision
    view: GuardView
    grant: Grant | None = None
    trials: tuple[Key, ...] = ()  # breakers that this act is the trial of


class Guard:
    """Keeps rates, totals, second readings, downtimes and breakers, for targets and the whole factory."""

    def __init__(self, fleet: Fleet, clock: Clock, *, fall: float = 0.5, least: int = 10) -> None:
        self.fleet = fleet
        self.cuts: Counter[tuple[str, str]] = Counter()
        """How often each bound took something away since the start, by kind and place."""
        self._clock = clock
        self._steady = fleet.steady
        self._steady.share, self._steady.least = fall, least
        self._stakes: dict[str, Stake] = {}
        self._budgets: dict[str, tuple[Budget, ...]] = {}  # of a target, with that of the factory
        self._breakers = Breakers()
        self._downtimes: dict[Key, tuple[Downtime, ...]] = {}

    def limit(
        self,
        everywhere: Limits,
        targets: Mapping[str, Limits],
        queues: Mapping[str, Stake] | None = None,
        *,
        fall: float,
        least: int,
    ) -> None:
        """Take over the limits of a plan; tokens, beliefs and breakers stay."""
        with self.fleet.lock:
            self._steady.share, self._steady.least = fall, least
            self._stakes = dict(queues or {})
            kept, now = {budgets[0].place: budgets[0] for budgets in self._budgets.values()}, self._clock()
            budgets = {}
            for place, limits in {EVERYWHERE: everywhere, **targets}.items():
                budget = budgets[place] = kept.get(place) or Budget(place, limits, now)
                budget.limit(limits, now)
            self._budgets = {EVERYWHERE: (budgets[EVERYWHERE],)}
            self._budgets |= {name: (budgets[name], budgets[EVERYWHERE]) for name in targets}
            downtimes = {(Scope.FACTORY, EVERYWHERE): everywhere.downtime}
            downtimes |= {(Scope.TARGET, name): limits.downtime for name, limits in targets.items()}
            downtimes |= {(Scope.QUEUE, name): stake.limits.downtime for name, stake in self._stakes.items()}
            self._downtimes = {key: times for key, times in downtimes.items() if times}
            ours = {(Scope.QUEUE, name): stake.limits.breaker for name, stake in self._stakes.items()}
            theirs = {
                (Scope.TARGET, name): limits.breaker
                for name, limits in targets.items()
                if isinstance(limits, TargetLimits)
            }
            self._breakers.limit(ours | theirs)

    def allow(
        self, queue: str, target: str, decision: Decision, seen: Observation, wall: float = 0.0
    ) -> Permit:
        """The decision, cut where it must be, and what is set aside for it; `wall` is the time of day."""
        with self.fleet.lock:
            now = self._clock()
            view = self._look(queue, target, seen, wall, now)
            made = cuts(decision.count, view)
            decision = apply(decision, made)
            self._claim(queue, target, seen.weight, made, decision.count, now)
            return self._permit(queue, target, decision, view, made)

    def spare(
        self, queue: str, target: str, decision: Decision, seen: Observation, *, hurried: bool
    ) -> Permit:
        """What remains of a retirement that an operator asks for, in which demand and shares have no say.

        A second reading may be waived by who is `hurried`; uncertain pilots forbid it all the same.
        """
        with self.fleet.lock:
            supply, fall = self._believe(queue, target, seen)
            view = GuardView(
                fall=None if hurried else fall,
                confirmed=hurried or supply.confirmed,
                uncertain=seen.supply.uncertain,
            )
            made = cuts(decision.count, view)
            return self._permit(queue, target, apply(decision, made), view, made)

    def settle(self, permit: Permit, outcome: Outcome, error: Exception | None = None) -> None:
        """The act of this permit has ended; give back what it did not use, and note how it went."""
        count = permit.decision.count
        with self.fleet.lock:
            now = self._clock()
            used = len(outcome.submitted) + len(outcome.retired) + outcome.uncertain
            unused = abs(count) - used
            self._spend(permit.target, -unused * (count > 0), -unused * (count < 0), now)
            if permit.grant is not None:
                self.fleet.settle(permit.grant, used, now)
                self._breakers.end(permit.queue, permit.target, permit.trials, error, now)

    def miss(self, queue: str, error: Unavailable) -> None:
        """The reading of a queue's pilots had no answer."""
        if not given_up(error):
            with self.fleet.lock:
                self._breakers.miss(queue)

    def tripped(self) -> list[Tripped]:
        """All breakers that are not closed."""
        with self.fleet.lock:
            return self._breakers.all(self._clock())

    # ---- what it looks at

    def _look(self, queue: str, target: str, seen: Observation, wall: float, now: float) -> GuardView:
        supply, fall = self._believe(queue, target, seen)
        demand = self._work(queue, seen.demand)
        return GuardView(
            fall=fall,
            work=fell("work", demand),
            confirmed=supply.confirmed and demand.confirmed,
            uncertain=seen.supply.uncertain,
            closures=closures(self._downtimes, queue, target, wall) if self._downtimes else (),
            breakers=self._breakers.look(queue, target, now),
            accounts=self._accounts(queue, target, now),
        )

    def _believe(self, queue: str, target: str, seen: Observation) -> tuple[Belief, Fall | None]:
        """What is believed of a queue's pilots, and a fall, theirs or their target's, that is not."""
        certain = seen.supply.pilots - seen.supply.uncertain
        supply = self._steady.look(("supply", target, queue), certain, seen.supply.as_of)
        return supply, fell("pilots", supply) or fell(f"pilots at {target}", self.fleet.belief(target))

    def _work(self, queue: str, demand: Demand) -> Belief:
        if not demand.as_of:  # unknown: no reading at all
            return Belief(0.0, 0)
        return self._steady.look(("demand", queue), demand.ready + demand.running, demand.as_of)

    def _accounts(self, queue: str, target: str, now: float) -> tuple[Account, ...]:
        """What the target and the factory may still do."""
        there, everywhere = self.fleet.at(target), self.fleet.total()
        kept = self._kept(target)
        return tuple([one.look(queue, there if one.place else everywhere, now) for one in kept])

    # ---- what it sets aside

    def _permit(
        self, queue: str, target: str, decision: Decision, view: GuardView, made: list[Cut]
    ) -> Permit:
        for one in made:
            self.cuts[one.kind, one.place] += 1
        count = decision.count
        if count:
            self._spend(target, max(0, count), max(0, -count), self._clock())
        if count <= 0:
            return Permit(queue, target, decision, view)
        return Permit(
            queue=queue,
            target=target,
            decision=decision,
            view=view,
            grant=self.fleet.grant(target, queue, count),
            trials=self._breakers.begin(queue, target),
        )

    def _claim(self, queue: str, target: str, weight: float, made: list[Cut], taken: int, now: float) -> None:
        """Who asks while tokens are short has a claim on the next ones."""
        short = [budget for budget in self._kept(target) if made or budget.claims]
        if not short:
            return
        interval = self._stakes.get(queue, NOBODY).interval
        asked = {one.place: one.before for one in made if one.kind in RATED}
        taken = max(0, taken)
        for budget in short:
            budget.serve(Ask(queue, asked.get(budget.place, taken), weight, interval), taken, now)

    def _spend(self, target: str, started: int, retired: int, now: float) -> None:
        """Count pilots in at the target and in the factory; negative numbers out again."""
        for budget in self._kept(target):
            budget.spend(started, retired, now)

    def _kept(self, target: str) -> tuple[Budget, ...]:
        """The budgets of a target and of the factory, as far as there are any."""
        return self._budgets.get(target) or self._budgets.get(EVERYWHERE, ())


NOBODY = Stake()


def fell(what: str, belief: Belief | None) -> Fall | None:
    """The fall that waits for a second reading, if there is one."""
    if belief is None or belief.suspect is None:
        return None
    return Fall(what=what, before=belief.level, now=belief.suspect)
