"""The guard: limits over all queues, applied after all policies.  It only reduces, and says so.

It reserves under one lock what it allows, so that queues which share a reading cannot overshoot
together; what was not used goes back.  It belongs to the process, not to the plan.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from autopyfactory.fleet import Fleet, Grant
from autopyfactory.model import Clock, Decision, Demand, Observation
from autopyfactory.options import Limits
from autopyfactory.steady import Belief

UNCONFIRMED = "nothing is retired until two readings agree"
EVERYWHERE = ""  # the name under which the factory-wide limits stand


@dataclass(slots=True)
class Bucket:
    """Tokens for pilots: starts empty, gains `per_minute`, holds one minute's worth."""

    per_minute: int
    filled: float  # monotonic seconds of the last filling
    tokens: float = 0.0

    def fill(self, now: float) -> int:
        """The whole tokens that are there now."""
        gained = max(0.0, now - self.filled) * self.per_minute / 60
        self.tokens = min(self.tokens + gained, float(self.per_minute))
        self.filled = now
        return int(self.tokens)


class Guard:
    """Keeps rates, totals and second readings, for each target and for the whole factory."""

    def __init__(self, fleet: Fleet, clock: Clock, *, fall: float = 0.5, least: int = 10) -> None:
        self.fleet = fleet
        self._clock = clock
        self._steady = fleet.steady
        self._steady.share, self._steady.least = fall, least
        self._limits: dict[str, Limits] = {}
        self._buckets: dict[str, Bucket] = {}

    def limit(self, everywhere: Limits, targets: Mapping[str, Limits], *, fall: float, least: int) -> None:
        """Take over the limits of a plan; tokens and beliefs stay."""
        with self.fleet.lock:
            self._steady.share, self._steady.least = fall, least
            self._limits = {EVERYWHERE: everywhere, **targets}
            rates = {name: limits.per_minute for name, limits in self._limits.items()}
            self._buckets = {
                name: self._bucket(name, rate) for name, rate in rates.items() if rate is not None
            }

    def allow(
        self, queue: str, target: str, decision: Decision, seen: Observation
    ) -> tuple[Decision, Grant | None]:
        """The decision, cut where it must be, and a grant for what it submits."""
        with self.fleet.lock:
            fallen, unsure = self._judge(queue, target, seen)
            if decision.count < 0:
                return self._spare(decision, seen, unsure), None
            if decision.count > 0 and fallen:
                decision = decision.then(f"guard: {fallen}", 0)
            for limited in (target, EVERYWHERE):
                decision = self._cut(decision, limited)
            if decision.count == 0:
                return decision, None
            self._spend(target, decision.count)
            return decision, self.fleet.grant(target, queue, decision.count)

    def spare(
        self, queue: str, target: str, decision: Decision, seen: Observation, *, hurried: bool
    ) -> Decision:
        """What remains of a retirement that an operator asks for, in which the demand has no say.

        A second reading may be waived by who is `hurried`; uncertain pilots forbid it all the same.
        """
        with self.fleet.lock:
            supply, unsure = self._look(queue, target, seen)
            if not unsure and not supply.confirmed:
                unsure = UNCONFIRMED
            return self._spare(decision, seen, "" if hurried else unsure)

    def settle(self, target: str, grant: Grant, used: int) -> None:
        """The act of this grant has ended; give back what it did not use."""
        with self.fleet.lock:
            self._spend(target, used - grant.count)
            self.fleet.settle(grant, used, self._clock())

    def _judge(self, queue: str, target: str, seen: Observation) -> tuple[str, str]:
        """Why nothing may be submitted, and why nothing may be retired; empty where it may."""
        supply, fallen = self._look(queue, target, seen)
        demand = self._work(queue, seen.demand)
        if fallen:
            return fallen, fallen
        if demand.suspect is not None:
            return "", f"work fell from {demand.level} to {demand.suspect}, a second reading must agree"
        if not (supply.confirmed and demand.confirmed):
            return "", UNCONFIRMED
        return "", ""

    def _look(self, queue: str, target: str, seen: Observation) -> tuple[Belief, str]:
        """What is believed of a queue's pilots, and why it may not be; empty where it may."""
        certain = seen.supply.pilots - seen.supply.uncertain
        supply = self._steady.look(("supply", target, queue), certain, seen.supply.as_of)
        whole = self.fleet.belief(target)
        second = "a second reading must agree"
        if supply.suspect is not None:
            return supply, f"pilots fell from {supply.level} to {supply.suspect}, {second}"
        if whole is not None and whole.suspect is not None:
            return supply, f"pilots at {target} fell from {whole.level} to {whole.suspect}, {second}"
        return supply, ""

    def _work(self, queue: str, demand: Demand) -> Belief:
        if not demand.as_of:  # unknown: no reading at all
            return Belief(0.0, 0)
        return self._steady.look(("demand", queue), demand.ready + demand.running, demand.as_of)

    def _spare(self, decision: Decision, seen: Observation, unsure: str) -> Decision:
        if seen.supply.uncertain:
            unsure = f"nothing is retired while {seen.supply.uncertain} pilots are uncertain"
        return decision.then(f"guard: {unsure}", 0) if unsure else decision

    def _cut(self, decision: Decision, name: str) -> Decision:
        limits = self._limits.get(name, Limits())
        place = f"at {name}" if name else "in the whole factory"
        if limits.max_pilots is not None:
            there = self.fleet.at(name) if name else self.fleet.total()
            room = max(0, limits.max_pilots - there)
            if decision.count > room:
                decision = decision.then(
                    f"guard: {limits.max_pilots} pilots {place}, {there} are there", room
                )
        if limits.per_minute is not None:
            tokens = self._bucket(name, limits.per_minute).fill(self._clock())
            if decision.count > tokens:
                decision = decision.then(f"guard: {limits.per_minute} pilots a minute {place}", tokens)
        return decision

    def _spend(self, target: str, count: int) -> None:
        for name in (target, EVERYWHERE):
            bucket = self._buckets.get(name)
            if bucket is not None:
                bucket.tokens = min(bucket.tokens - count, float(bucket.per_minute))

    def _bucket(self, name: str, per_minute: int) -> Bucket:
        bucket = self._buckets.setdefault(name, Bucket(per_minute, self._clock()))
        bucket.fill(self._clock())
        bucket.per_minute = per_minute
        return bucket
