"""Tables are laid over one another, and every value remembers its section."""

import pytest

from autopyfactory.app.assembly.layers import Layer, family, lay, liked

BELOW, ABOVE = ("defaults",), ("queue", "A")


@pytest.mark.parametrize(
    ("below", "above", "whole"),
    [
        ({"a": 1}, {"a": 2}, {"a": 2}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 3}}, {"a": {"b": 3, "c": 2}}),
        ({"a": {"b": {"c": 1}}}, {"a": {"b": {"d": 2}}}, {"a": {"b": {"c": 1, "d": 2}}}),
        ({"a": [1, 2]}, {"a": [3]}, {"a": [3]}),
        ({"a": {"b": 1}}, {"a": 2}, {"a": 2}),
        ({"a": 1}, {"a": {"b": 2}}, {"a": {"b": 2}}),
        ({"a": {"b": 1}}, {"a": {}}, {"a": {"b": 1}}),
        ({"policy": {"x": {"y": 1}}}, {"policy": {"x": {"z": 2}}}, {"policy": {"x": {"y": 1, "z": 2}}}),
        ({"policy": {"x": {"y": 1}}}, {"policies": []}, {"policies": []}),
        (
            {"policy": {"x": {"y": 1}}},
            {"policies": [], "policy": {"z": {"y": 2}}},
            {"policies": [], "policy": {"z": {"y": 2}}},
        ),
    ],
)
def test_the_upper_layer_wins_and_tables_are_put_together(below, above, whole):
    before = repr((below, above))
    assert lay([Layer(BELOW, below), Layer(ABOVE, above)]).table == whole
    assert repr((below, above)) == before


def test_every_value_knows_its_section():
    laid = lay([Layer(BELOW, {"a": {"b": 1, "c": 2}, "l": [{}]}), Layer(ABOVE, {"a": {"b": 3}})])
    assert laid.origin(("a", "b"), ABOVE) == ABOVE
    assert laid.origin(("a", "c", "d"), ABOVE) == BELOW
    assert laid.origin(("l", 0, "kind"), ABOVE) == BELOW
    assert laid.origin(("z",), ABOVE) == ABOVE


TEMPLATES = {
    "base": {},
    "grid": {"like": "base"},
    "big": {"like": ["base"]},
    "both": {"like": ["grid", "big"]},
    "lost": {"like": ["nowhere", "base"]},
    "one": {"like": "two"},
    "two": {"like": "one"},
    "odd": {"like": 3},
    "text": "no table",
}


@pytest.mark.parametrize(
    ("names", "whole"),
    [
        (["grid"], ["base", "grid"]),
        (["both"], ["base", "grid", "big", "both"]),
        (["big", "grid"], ["base", "big", "grid"]),
        (["lost"], ["base", "lost"]),
        (["one"], ["two", "one"]),
        (["odd", "text", "nowhere"], ["odd", "text"]),
        ([], []),
    ],
)
def test_a_template_follows_what_it_is_like_and_each_comes_once(names, whole):
    assert family(names, TEMPLATES) == whole


def test_a_long_line_of_templates_is_no_trouble():
    line = {str(number): {"like": str(number + 1)} for number in range(5000)}
    assert len(family(["0"], line)) == 5000


@pytest.mark.parametrize(
    ("table", "names"),
    [({"like": "a"}, ["a"]), ({"like": ["a", 3, "b"]}, ["a", "b"]), ({"like": {}}, []), ({}, []), (3, [])],
)
def test_what_a_table_is_like(table, names):
    assert liked(table) == names
