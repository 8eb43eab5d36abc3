"""Templates are filled with the values of fields."""

from typing import Any

import pytest

from autopyfactory.clients.cric.filling import fields, fill, lay

VALUES = {
    "cores": 8,
    "host": " ce01 ",
    "scale": 0.25,
    "nothing": None,
    "empty": "None",
    "list": ["a"],
    "flag": True,
}


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ("{cores}", 8),
        ("{scale}", 0.25),
        ("{host}", "ce01"),
        ("{list}", ["a"]),
        ("{host}:{cores}", "ce01:8"),
        ("-x {flag}", "-x true"),
        ("{nothing|latest}", "latest"),
        ("{empty|}", ""),
        ("a {absent|b} c", "a b c"),
        ("{cores|1}", 8),
        ("{ } {1} {}", "{ } {1} {}"),
        (5, 5),
        (["{cores}", "{nothing}", "x", 5], ["8", "x", 5]),
        ({"a": "{nothing}", "b": {"c": "{empty}", "d": 1}}, {"b": {"d": 1}}),
    ],
)
def test_a_word_of_braces_is_a_field(template: Any, filled: Any) -> None:
    assert fill({"key": template}, VALUES.get) == {"key": filled}


@pytest.mark.parametrize("template", ["{nothing}", "{empty}", "{absent}", "mem={nothing}MB"])
def test_what_names_a_field_without_a_value_is_left_out(template: str) -> None:
    assert fill({"key": template}, VALUES.get) == {}


def test_the_fields_that_must_be_there_are_those_without_another_word() -> None:
    assert list(fields({"a": ["{x} {y|1}", {"b": "{params.z}"}], "c": 5})) == ["x", "params.z"]


def test_a_template_is_laid_over_another_one() -> None:
    below = {"a": {"b": 1, "c": [1]}, "d": {"e": 1}}
    assert lay(below, {"a": {"c": [2]}, "d": 5, "f": 6}) == {"a": {"b": 1, "c": [2]}, "d": 5, "f": 6}
