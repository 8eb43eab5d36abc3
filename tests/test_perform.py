"""An act is written down before it begins and struck out by any sure answer, alone or in a row of others."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from autopyfactory.call import Call
from autopyfactory.errors import Rejected, Unavailable
from autopyfactory.journal import Journal
from autopyfactory.ledger import Entry, Ledger
from autopyfactory.model import Order
from autopyfactory.perform import perform, perform_each
from autopyfactory.testing import FakePilot

Answer = Sequence[str] | Exception
SubmitEach = Callable[[Iterator[Order[Any]]], Iterator[Answer]]


def entry(tag: str) -> Entry:
    return Entry(tag=tag, queue="q", target="site", count=1)


def calls(*tags: str) -> list[Call[Sequence[str]]]:
    """Calls that have begun."""
    made = []
    for tag in tags:
        order = Order(queue="q", pilot=FakePilot(), count=1, tag=tag)
        made.append(Call[Sequence[str]](tag, lambda: (), matter=(entry(tag), order)))
        assert made[-1].begin()
    return made


def standing(ledger: Ledger) -> list[str]:
    return [entry.tag for entry in ledger.open()]


def answers(call: Call[Sequence[str]]) -> object:
    """What a call ended with."""
    assert call.ended is not None
    return call.error or call.result


def test_an_act_is_written_down_before_it_begins() -> None:
    ledger, seen = Ledger(), []

    def act() -> list[str]:
        seen.extend(standing(ledger))
        return ["1.0"]

    assert perform(ledger, entry("t1"), act) == ("1.0",)
    assert seen == ["t1"]
    assert standing(ledger) == []


def test_the_next_of_a_row_is_written_down_when_the_plug_in_asks_for_it() -> None:
    ledger, seen = Ledger(), []

    def submit_each(orders: Iterator[Order[Any]]) -> Iterator[Answer]:
        for order in orders:
            seen.append((order.tag, standing(ledger)))
            yield [order.tag]

    made = calls("t1", "t2", "t3")
    perform_each(ledger, iter(made), submit_each)
    assert seen == [("t1", ["t1"]), ("t2", ["t2"]), ("t3", ["t3"])]
    assert [answers(call) for call in made] == [("t1",), ("t2",), ("t3",)]
    assert standing(ledger) == []


def test_that_one_of_a_row_is_over_is_written_with_the_next_and_at_the_end(tmp_path: Path) -> None:
    ledger, seen = Ledger(tmp_path), []

    def left() -> list[str]:
        return [record.tag for record in Journal(tmp_path).read()]

    def submit_each(orders: Iterator[Order[Any]]) -> Iterator[Answer]:
        for _ in orders:
            seen.append(left())
            yield ()

    perform_each(ledger, iter(calls("t1", "t2")), submit_each)
    assert seen == [["t1"], ["t2"]]
    assert left() == []


def test_the_time_of_all_that_wait_in_a_row_counts_from_when_one_in_front_is_over() -> None:
    first, *others = row = calls("t1", "t2", "t3", "t4")

    def submit_each(orders: Iterator[Order[Any]]) -> Iterator[Answer]:
        for _ in orders:
            pass
        for call in others:
            call.began = float("-inf")
        yield ()
        assert [call.began for call in others] == pytest.approx([first.ended] * 3, abs=1)
        yield from [()] * 3

    perform_each(Ledger(), iter(row), submit_each)
    assert [answers(call) for call in row] == [()] * 4


def test_answers_belong_to_orders_by_their_place_however_many_are_under_way() -> None:
    made = calls("t1", "t2", "t3")
    perform_each(Ledger(), iter(made), lambda orders: iter([[order.tag] for order in orders]))
    assert [answers(call) for call in made] == [("t1",), ("t2",), ("t3",)]


def test_a_call_ends_with_its_own_answer_and_waits_for_no_other() -> None:
    ended = []

    def submit_each(orders: Iterator[Order[Any]]) -> Iterator[Answer]:
        for order in orders:
            yield [order.tag]
            ended.append([call.ended is not None for call in made])

    made = calls("t1", "t2")
    perform_each(Ledger(), iter(made), submit_each)
    assert ended == [[True, False], [True, True]]


@pytest.mark.parametrize(
    ("error", "left"),
    [
        (Rejected("no"), []),
        (Unavailable("not begun", untouched=True), []),
        (Unavailable("lost"), ["t2"]),
        (KeyError("bug"), ["t2"]),
    ],
)
def test_an_error_among_the_answers_is_of_its_own_act_alone(error: Exception, left: list[str]) -> None:
    ledger, made = Ledger(), calls("t1", "t2", "t3")
    perform_each(ledger, iter(made), lambda orders: (error if o.tag == "t2" else [o.tag] for o in orders))
    assert [answers(call) for call in made] == [("t1",), error, ("t3",)]
    assert standing(ledger) == left


def fails_at_once(orders: Iterator[Order[Any]]) -> Iterator[Answer]:
    raise Unavailable("closed", untouched=True)


def fails_later(orders: Iterator[Order[Any]]) -> Iterator[Answer]:
    yield [next(orders).tag]
    next(orders)
    raise Unavailable("closed", untouched=True)


def ends_early(orders: Iterator[Order[Any]]) -> Iterator[Answer]:
    yield [next(orders).tag]
    next(orders)


def says_too_much(orders: Iterator[Order[Any]]) -> Iterator[Answer]:
    for order in orders:
        yield [order.tag]
    yield ["one more"]


@pytest.mark.parametrize(
    ("submit_each", "ends", "left"),
    [
        (fails_at_once, ["Unavailable('closed')", None, None], []),
        (fails_later, ["('t1',)", "Unavailable('closed')", None], []),
        (ends_early, ["('t1',)", "RuntimeError('nobody answered')", None], ["t2"]),
        (says_too_much, ["('t1',)", "('t2',)", "('t3',)"], []),
        (
            lambda orders: iter([None]),
            ["TypeError(\"'NoneType' object is not iterable\")", None, None],
            ["t1"],
        ),
    ],
)
def test_a_plug_in_that_fails_answers_for_all_that_it_took_and_for_no_other(
    submit_each: SubmitEach, ends: list[str | None], left: list[str]
) -> None:
    ledger, made = Ledger(), calls("t1", "t2", "t3")
    perform_each(ledger, iter(made), submit_each)
    assert [None if call.ended is None else repr(answers(call)) for call in made] == ends
    assert standing(ledger) == left
