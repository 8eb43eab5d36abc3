"""A catalogue is read without trusting any of its fields."""

from typing import Any

import pytest

from autopyfactory.clients.cric.records import look_up, parse, paths, positive, text, words


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (b"<html>", "is no JSON"),
        (b'{"A": {"status": ', "is no JSON"),
        (b"[" * 100_000, "is no JSON"),
        (b"[]", "is no JSON object"),
        (b"{}", "has 0 entries"),
        (b'{"error": "no certificate", "code": 403}', "has 2 entries, and none of them is a queue"),
    ],
)
def test_what_is_no_catalogue_is_refused(document: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse(document)


def test_one_queue_makes_a_catalogue_whatever_stands_beside_it() -> None:
    assert parse(b'{"A": {"queues": []}, "B": 5}') == {"A": {"queues": []}, "B": 5}


@pytest.mark.parametrize(
    ("value", "number"),
    [
        *[(8, 8), ("8", 8), (8.0, 8), (" 16000 ", 16000), ("2000.0", 2000)],
        *[(0, None), (-1, None), (None, None), ("", None), ("none", None), (True, None)],
        *[(2147483647, None), ("1e400", None), (float("nan"), None), ([8], None), ({}, None)],
    ],
)
def test_a_limit_is_a_number_above_0_or_none(value: Any, number: int | None) -> None:
    assert positive(value) == number


@pytest.mark.parametrize(
    ("value", "word"),
    [
        (" a ", "a"),
        (5, "5"),
        (True, "true"),
        (False, "false"),
        ("None", ""),
        ("null", ""),
        (None, ""),
        ([], ""),
    ],
)
def test_a_scalar_is_a_word(value: Any, word: str) -> None:
    assert text(value) == word


def test_fields_within_fields_have_dots_in_their_names() -> None:
    record = {"params": {"pilot_url": "x", "deep": {"a": 1}}, "cloud": "ND"}
    assert list(paths(record)) == [
        *("params", "params.pilot_url", "params.deep", "params.deep.a"),
        "cloud",
    ]
    assert look_up(record, "params.pilot_url") == "x"
    assert look_up(record, "params.deep.a") == 1
    assert look_up(record, "cloud.a") is None
    assert look_up(record, "absent") is None


def test_a_list_of_words_is_split_at_commas() -> None:
    assert words("Pull, per_core_attr,x=1") == {"Pull", "per_core_attr", "x=1"}
