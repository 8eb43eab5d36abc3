"""What differs between two configurations."""

import json
from typing import Any

import pytest

from autopyfactory.app.alteration import Change, Kind, alterations, flatten, name_policies

READY, LIMIT = {"kind": "ready", "offset": 0}, {"kind": "max_pending", "limit": 10}


def define(**changed: Any) -> str:
    whole = {"interval": "6m", "policies": [READY, LIMIT], "packages": {"autopyfactory": "1"}, **changed}
    return json.dumps(whole, sort_keys=True)


@pytest.mark.parametrize(
    ("after", "words"),
    [
        (define(), []),
        (define(packages={"autopyfactory": "2"}), []),
        (define(interval="1m"), ["interval was 6m and is 1m"]),
        (
            define(policies=[READY, {**LIMIT, "limit": 3}]),
            ["policies.max_pending.limit was 10 and is 3"],
        ),
        (
            define(policies=[LIMIT, READY]),
            ["policies.order was ready -> max_pending and is max_pending -> ready"],
        ),
        (
            define(policies=[{"kind": "null"}, READY, LIMIT]),
            [
                "policies.null.kind is null, and was not there",
                "policies.order was ready -> max_pending and is null -> ready -> max_pending",
            ],
        ),
        (
            define(policies=[READY]),
            [
                "policies.max_pending.kind was max_pending, and is gone",
                "policies.max_pending.limit was 10, and is gone",
                "policies.order was ready -> max_pending and is ready",
            ],
        ),
        (define(work={"sites": ["A"]}), ['work.sites is ["A"], and was not there']),
    ],
)
def test_a_queue_is_compared_key_by_key_and_policies_by_their_names(after: str, words: list[str]) -> None:
    found = list(alterations({"A": define()}, {"A": after}))
    assert [one.kind for one in found] == [Kind.CHANGED] * bool(words)
    assert [str(change) for one in found for change in one.changes] == words


def test_queues_that_come_and_go_are_told_by_name() -> None:
    found = alterations({"A": define(), "B": define()}, {"B": define(), "C": define()})
    assert [(one.queue, one.kind) for one in found] == [("A", Kind.REMOVED), ("C", Kind.ADDED)]


def test_of_two_policies_of_a_kind_the_second_has_a_number_unless_it_has_a_name() -> None:
    named = {**LIMIT, "name": "slow"}
    assert list(name_policies([LIMIT, LIMIT, LIMIT, named])) == [
        "max_pending", "max_pending#2", "max_pending#3", "slow", "order",
    ]  # fmt: skip


def test_an_empty_table_and_a_list_are_values_of_their_own() -> None:
    assert dict(flatten({"a": {}, "b": [1], "c": {"d": 2}})) == {"a": {}, "b": [1], "c.d": 2}
    assert str(Change("a", {}, {"b": 1})) == 'a was {} and is {"b": 1}'
