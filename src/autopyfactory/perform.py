"""How acts are performed, in the worker of their target: written down first, struck out by a sure answer."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import chain
from typing import Any

from autopyfactory.call import Call
from autopyfactory.errors import may_have_happened, unpack
from autopyfactory.ledger import Entry, Ledger
from autopyfactory.model import Order

Touch = Callable[[], Sequence[str]]
Answers = Iterator[Sequence[str] | Exception]


def perform(ledger: Ledger, entry: Entry, run: Touch) -> Sequence[str]:
    """One act: the identifiers of the pilots it touched."""
    ledger.begin(entry)
    return conclude(ledger, entry, run)


def perform_each(
    ledger: Ledger, calls: Iterator[Call[Any]], submit_each: Callable[[Iterator[Order[Any]]], Answers]
) -> None:
    """Submissions in a row, answered in their order; the matter of each call is its entry and its order.

    When `submit_each` fails, or leaves some without an answer, that is the answer of all that it took.
    That one is over is written down together with the next that begins, and at the end.
    """
    taken: deque[Call[Any]] = deque()

    def take() -> Iterator[Order[Any]]:
        for call in calls:
            entry, order = call.matter
            ledger.begin(entry)
            taken.append(call)
            yield order

    def answer(call: Call[Any], touched: Sequence[str] | Exception) -> None:
        call.end(partial(conclude, ledger, call.matter[0], partial(unpack, touched), later=True))
        for waiting in taken:
            waiting.proceed()

    orders = take()
    first = next(orders)
    failure: Exception = RuntimeError("nobody answered")
    try:
        for touched in submit_each(chain([first], orders)):
            answer(taken.popleft(), touched)
    except Exception as error:
        failure = error
    while taken:
        answer(taken.popleft(), failure)
    ledger.catch_up()


def conclude(ledger: Ledger, entry: Entry, run: Touch, *, later: bool = False) -> Sequence[str]:
    """What `run` returns or raises, struck out if it is sure; see `Ledger.strike` for `later`."""
    try:
        touched = tuple(run())
    except Exception as error:
        if not may_have_happened(error):
            ledger.strike(entry.tag, later=later)
        raise
    ledger.strike(entry.tag, later=later)
    return touched
