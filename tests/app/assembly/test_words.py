"""Plain words for values, types and near misses."""

from datetime import date

import pytest
from pydantic import TypeAdapter

from autopyfactory.app.assembly.words import (
    example,
    expected,
    is_name,
    join_or,
    missed,
    nearest,
    number,
    show,
)
from autopyfactory.options import Count, Duration, Factor, Flag, Ratio, Size, Table


@pytest.mark.parametrize(
    ("word", "names", "sentence"),
    [
        ("max_pendin", ["max_pending", "min_pending"], "did you mean 'max_pending'?"),
        ("READY", ["ready", "share"], "did you mean 'ready'?"),
        ("site_a", ["SITE_A", "SITE_B"], "did you mean 'SITE_A'?"),
        ("xyz", ["b", "a"], "there are: a, b"),
        ("xyz", [], "there are none"),
        ("q" * 10**6, ["ready"], "there are: ready"),
        ("none", [f"name{number:02}" for number in range(22)], None),
    ],
)
def test_what_could_be_meant_by_a_word(word, names, sentence):
    listed = f"there are: {', '.join(names[:20])} and 2 more"
    assert missed(word, names) == (sentence or listed)


def test_nothing_is_near_to_nothing():
    assert nearest("redy", ["ready"]) == "ready"
    assert nearest("", ["ready"]) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (False, "false"),
        (3, "3"),
        (2.5, "2.5"),
        (1 << 70, "a very large number"),
        ("six", "'six'"),
        ("x" * 100, "'" + "x" * 56 + "..."),
        ({}, "an empty table"),
        ({"a": 1}, "a table"),
        ([], "an empty list"),
        ((1,), "a list"),
        (date(2024, 1, 2), "2024-01-02"),
    ],
)
def test_what_somebody_wrote_is_shown_short(value, text):
    assert show(value) == text


def test_words_are_joined():
    assert join_or(["a"]) == "a"
    assert join_or(["a", "b", "c", "a"]) == "a, b or c"


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        (TypeAdapter(Count).json_schema(), "a whole number, 0 or more, such as 10"),
        (TypeAdapter(Count | None).json_schema(), "a whole number, 0 or more"),
        (TypeAdapter(Ratio).json_schema(), "a number, 0 or more and at most 1, such as 0.5"),
        (TypeAdapter(Factor).json_schema(), "a number, 0 or more and at most 1000000, such as 0.5"),
        (TypeAdapter(Duration).json_schema(), "a duration, such as '90s', '6m' or '1h30m'"),
        (TypeAdapter(Size).json_schema(), "a size, such as '2GB' or '512MiB'"),
        (TypeAdapter(Table).json_schema(), "a table, such as { key = 'value' }"),
        (TypeAdapter(Flag).json_schema(), "true or false"),
        (TypeAdapter(list[str]).json_schema(), "a list, each text, such as ['a', 'b']"),
        ({"type": "array"}, "a list, such as ['a', 'b']"),
        ({"const": "a"}, "'a'"),
        ({"enum": ["a", "b"]}, "one of 'a', 'b'"),
        ({"type": ["string", "null", "boolean"]}, "text or true or false"),
        ({"type": "string", "format": "path"}, "a path"),
        ({"anyOf": [{"type": "null"}]}, "a value"),
        ({}, "a value"),
    ],
)
def test_a_schema_in_words(schema, words):
    assert expected(schema) + example(schema) == words


@pytest.mark.parametrize("text", ["A", "a.b", "SITE_A-1+x", "9" * 64])
def test_names(text):
    assert is_name(text)


@pytest.mark.parametrize("text", ["", ".a", "a b", "a/b", "a\n", "ä", "9" * 65])
def test_what_is_no_name(text):
    assert not is_name(text)


def test_one_is_no_plural():
    assert [number(count, "queue") for count in (0, 1, 2)] == ["0 queues", "1 queue", "2 queues"]
