"""The act of a cycle: pilots started or retired, and what came of it, however it ended."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from autopyfactory.errors import keep, may_have_happened
from autopyfactory.model import Order, Outcome
from autopyfactory.proofs import Proofs, prove
from autopyfactory.sections import Supplies


def act(
    target: Supplies, order: Order[Any], credentials: Sequence[Proofs] = ()
) -> tuple[Outcome, Exception | None]:
    """Start the pilots of an order, or retire so many where its count is negative; with what went wrong.

    Pilots get what is valid of the `credentials` now; where a type of them has none, nothing is submitted.
    """
    try:
        if order.count > 0:
            if credentials:
                order = replace(order, credentials=prove(credentials))
            return Outcome(submitted=tuple(target.submit(order))), None
        return Outcome(retired=tuple(target.retire(order.tag, order.queue, -order.count))), None
    except Exception as error:
        return Outcome(uncertain=abs(order.count) if may_have_happened(error) else 0), keep(error)
