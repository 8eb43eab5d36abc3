"""Fold a count through a chain of policies and keep the trail.  Pure."""

from collections.abc import Sequence

from autopyfactory.errors import Unavailable
from autopyfactory.model import Decision, Observation, Step
from autopyfactory.ports import Policy

make_step = tuple.__new__  # as `Step(rule, result)` does it, in a third of the time


def decide(policies: Sequence[Policy], seen: Observation) -> Decision:
    """The number that the chain makes of what is seen, beginning with 0."""
    return decide_from(0, policies, seen)


def decide_from(count: int, policies: Sequence[Policy], seen: Observation) -> Decision:
    """The number that the chain makes of `count`, with its steps.  Errors as for `follow`."""
    results = follow(count, policies, seen)
    steps = tuple([make_step(Step, step) for step in zip(policies, results, strict=True)])
    return Decision(count=results[-1] if results else count, steps=steps)


def follow(count: int, policies: Sequence[Policy], seen: Observation) -> list[int]:
    """What each policy of the chain makes of it.  Raises when one answers what none may answer."""
    results = []
    for policy in policies:
        answer = policy(count, seen)
        if type(answer) is not int:
            raise TypeError(f"policy {policy} answered {answer!r}, which is no whole number")
        if policy.cap and answer > count:
            raise ValueError(f"policy {policy} calls itself a cap and made {answer} of {count}")
        count = answer
        results.append(count)
    return results


def conclude(
    policies: Sequence[Policy], seen: Observation, unknown: Unavailable | None, submit: int | None
) -> Decision:
    """What the chain makes of what is seen; where the demand is `unknown`, of the number stated for that."""
    return decide(policies, seen) if unknown is None else decide_unknown(policies, seen, unknown, submit or 0)


def rehearse(
    policies: Sequence[Policy], seen: Observation, unknown: Unavailable | None, submit: int | None
) -> Decision | None:
    """The same for a chain that is only tried out; None without one.  That it failed is a step, no error."""
    if not policies:
        return None
    try:
        return conclude(policies, seen, unknown, submit)
    except Exception as error:  # of a policy on trial, which must not touch the real decision
        return Decision(count=0, steps=(Step(f"the shadow chain failed: {error!r}", 0),))


def decide_unknown(policies: Sequence[Policy], seen: Observation, why: Unavailable, submit: int) -> Decision:
    """The stated number for an unknown demand, behind the caps of the chain, and never negative."""
    decision = Decision(count=submit, steps=(Step(f"demand unknown ({why}): when_unknown", submit),))
    caps = decide_from(submit, [policy for policy in policies if policy.cap], seen)
    decision = Decision(count=caps.count, steps=decision.steps + caps.steps)
    if decision.count < 0:
        decision = decision.then("nothing is retired on an unknown demand", 0)
    return decision
