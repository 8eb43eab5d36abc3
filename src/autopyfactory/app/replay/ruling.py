"""A ruling: by what the recorded cycles of one queue are decided anew."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from autopyfactory.app.assembly.definition import chain_of
from autopyfactory.app.replay.bounds import Bounds
from autopyfactory.cut import cut, remainder
from autopyfactory.cycle import Queue
from autopyfactory.decide import conclude, follow
from autopyfactory.errors import ConfigError, Unavailable
from autopyfactory.model import Decision, Observation, Unit
from autopyfactory.plan import Plan
from autopyfactory.ports import Policy
from autopyfactory.view import GuardView

NOT_KNOWN = Unavailable("it was not known then")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """The chain of a queue, and what else of its configuration has a say."""

    policies: tuple[Policy, ...]
    when_unknown: int | None
    cores: int
    weight: float
    siblings: Mapping[str, float] | None = None  # names and weights; None: as they were
    bounds: Bounds | None = None  # None: as they were
    unit: Unit = Unit.JOBS  # in which it counts work

    @classmethod
    def of_queue(cls, queue: Queue, plan: Plan) -> "Ruling":
        """That of a queue in a plan."""
        return cls(
            policies=queue.policies,
            when_unknown=queue.when_unknown,
            cores=queue.pilot.cores,
            weight=queue.weight,
            siblings=dict(queue.siblings),
            bounds=Bounds.of(queue, plan),
            unit=unit_of(queue.policies),
        )

    @classmethod
    def of_definition(cls, text: str) -> "Ruling":
        """That under which a cycle was recorded; `ConfigError` where this program cannot make it."""
        policies = chain_of(text)
        whole: Mapping[str, Any] = json.loads(text)
        try:
            cores, weight, unknown = whole["pilot"]["cores"], whole["weight"], whole["when_unknown"]
        except (KeyError, TypeError) as error:
            raise ConfigError("nobody knows what it was configured as") from error
        unit = unit_of(policies)
        return cls(policies=policies, when_unknown=unknown, cores=cores, weight=weight, unit=unit)

    def number(
        self, seen: Observation, view: GuardView | None, wall: float, why: Exception | None = None
    ) -> int | None:
        """The number of what `decide` decides, without its steps, which cost as much again."""
        if not seen.demand.as_of:
            decision = self.decide(seen, view, wall, why)
            return None if decision is None else decision.count
        try:
            results = follow(0, self.policies, seen)
        except Exception:
            return None
        count = results[-1] if results else 0
        return count if view is None or not count else remainder(count, self.bound(view, wall))

    def decide(
        self, seen: Observation, view: GuardView | None, wall: float, why: Exception | None = None
    ) -> Decision | None:
        """The decision on what was seen (see `adapt`) at `wall`, cut by what the guard saw.

        `why` says why the demand was unknown, if it was.  None where this configuration decides nothing,
        or its chain fails.
        """
        unknown = None
        if not seen.demand.as_of:
            if self.when_unknown is None:
                return None
            unknown = why if isinstance(why, Unavailable) else NOT_KNOWN
        try:
            decision = conclude(self.policies, seen, unknown, self.when_unknown)
        except Exception:
            return None
        return decision if view is None else cut(decision, self.bound(view, wall))

    def bound(self, view: GuardView, wall: float) -> GuardView:
        """What the guard saw, under the limits of this configuration."""
        return view if self.bounds is None else self.bounds.apply(view, wall)

    def adapt(self, seen: Observation) -> Observation:
        """What this queue would have seen: with its own cores and weights, of its siblings those there."""
        siblings = seen.siblings
        if siblings and self.siblings is not None:
            weights = self.siblings
            siblings = tuple(
                replace(one, weight=weights[one.queue]) for one in siblings if one.queue in weights
            )
        if seen.cores == self.cores and seen.weight == self.weight and siblings == seen.siblings:
            return seen
        return replace(seen, cores=self.cores, weight=self.weight, siblings=siblings)


def unit_of(policies: tuple[Policy, ...]) -> Unit:
    """In what the first policy that counts work counts it."""
    units = (getattr(policy, "unit", None) for policy in policies)
    return next((unit for unit in units if isinstance(unit, Unit)), Unit.JOBS)
