"""Fold a count through a chain of policies and keep the trail.  Pure."""

from collections.abc import Sequence

from autopyfactory.errors import Unavailable
from autopyfactory.model import Decision, Observation, Step
from autopyfactory.ports import Policy


def decide(policies: Sequence[Policy], seen: Observation) -> Decision:
    """The number that the chain makes of what is seen, beginning with 0."""
    count = 0
    steps = []
    for policy in policies:
        count = policy(count, seen)
        steps.append(Step(policy, count))
    return Decision(count=count, steps=tuple(steps))


def decide_unknown(policies: Sequence[Policy], seen: Observation, why: Unavailable, submit: int) -> Decision:
    """The stated number for an unknown demand, behind the caps of the chain, and never negative."""
    decision = Decision(count=submit, steps=(Step(f"demand unknown ({why}): when_unknown", submit),))
    for policy in policies:
        if policy.cap:
            decision = decision.then(policy, policy(decision.count, seen))
    if decision.count < 0:
        decision = decision.then("nothing is retired on an unknown demand", 0)
    return decision
