"""A table that does not fit its class gets a sentence for each thing that is wrong."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field

from autopyfactory.app.assembly.validation import check, schema_of
from autopyfactory.options import (
    Count,
    Duration,
    Flag,
    Location,
    Options,
    Positive,
    Ratio,
    Size,
    Table,
    TargetSection,
)
from strangers import Pilot


class Color(StrEnum):
    RED = "red"
    BLUE = "blue"


class Inner(Options):
    depth: Count = 0
    """How deep."""


class Everything(Options):
    limit: Count
    """So many."""
    positive: Positive | None = None
    ratio: Ratio = 0.5
    flag: Flag = False
    color: Color = Color.RED
    pause: Duration = timedelta(hours=1)
    long: Annotated[Duration, Field(gt=timedelta(0))] = timedelta(seconds=1)
    size: Size = 0
    words: tuple[str, ...] = ()
    table: Table = ()
    inner: Inner = Inner()
    many: tuple[Inner, ...] = ()
    rooms: dict[str, Inner] = Field(default_factory=dict)
    code: Annotated[str, Field(pattern="^[a-z]+$")] = "a"
    few: Annotated[tuple[int, ...], Field(min_length=1)] = (1,)
    home: Location | None = None
    either: int | Literal["all"] = 1
    anything: Any = None


SIZES = "(units B, kB, KB, MB, GB, TB, KiB, MiB, GiB, TiB)"


@pytest.mark.parametrize(
    ("table", "path", "text"),
    [
        ({"limt": 3}, ("limt",), "unknown key; did you mean 'limit'?"),
        ({}, ("limit",), "is missing; it wants a whole number, 0 or more, such as 10"),
        ({"limit": "ten"}, ("limit",), "must be a whole number, 0 or more, such as 10; found 'ten'"),
        ({"limit": True}, ("limit",), "must be a whole number, 0 or more, such as 10; found true"),
        ({"limit": -1}, ("limit",), "must be a whole number, 0 or more, such as 10; found -1"),
        ({"limit": 1.5}, ("limit",), "must be a whole number, 0 or more, such as 10; found 1.5"),
        ({"positive": 0}, ("positive",), "must be a whole number, 1 or more; found 0"),
        ({"ratio": 2}, ("ratio",), "must be a number, 0 or more and at most 1, such as 0.5; found 2"),
        (
            {"ratio": float("nan")},
            ("ratio",),
            "must be a number, 0 or more and at most 1, such as 0.5; found nan",
        ),
        ({"flag": "yes"}, ("flag",), "must be true or false; found 'yes'"),
        ({"color": "rde"}, ("color",), "must be one of 'red', 'blue'; found 'rde'"),
        (
            {"pause": "6 minutes"},
            ("pause",),
            "'6 minutes' is no duration; write '90s', '6m', '1h30m' (units ms, s, m, h, d, w)",
        ),
        ({"long": 0}, ("long",), "is too short; found 0"),
        (
            {"size": "2 apples"},
            ("size",),
            f"'2 apples' is no size; write '2GB' or '512MiB' {SIZES}",
        ),
        ({"words": "a b"}, ("words",), "must be a list, each text, such as ['a', 'b']; found 'a b'"),
        ({"words": ["a", 3]}, ("words", 1), "must be text; found 3"),
        ({"table": 3}, ("table",), "must be a table, such as { key = 'value' }; found 3"),
        ({"inner": {"dept": 1}}, ("inner", "dept"), "unknown key; did you mean 'depth'?"),
        ({"inner": 3}, ("inner",), "must be a table, such as { key = 'value' }; found 3"),
        (
            {"many": [{}, {"depth": {}}]},
            ("many", 1, "depth"),
            "must be a whole number, 0 or more, such as 10; found an empty table",
        ),
        ({"rooms": {"a": {"b": 1}}}, ("rooms", "a", "b"), "unknown key; there are: depth"),
        ({"code": "A"}, ("code",), "must match pattern '^[a-z]+$'; found 'A'"),
        ({"few": []}, ("few",), "must have at least 1 item after validation, not 0; found an empty list"),
        ({"home": "a\0b"}, ("home",), "a path holds no null character"),
        ({"home": 3}, ("home",), "must be a path; found 3"),
        (
            {"home": "~nobody-of-this-name/x"},
            ("home",),
            "~nobody-of-this-name/x: there is no such home folder",
        ),
    ],
)
def test_what_is_wrong_is_said_in_plain_words(table, path, text):
    given = table if "limit" in table or "limt" in table or not table else {"limit": 1, **table}
    complaints = check(Everything, given).complaints
    assert [(complaint.path, complaint.text) for complaint in complaints] == [(path, text)]


def test_all_that_is_wrong_is_said_at_once():
    complaints = check(Everything, {"flga": 1, "ratio": "x", "color": 3}).complaints
    assert [complaint.path for complaint in complaints] == [("flga",), ("limit",), ("ratio",), ("color",)]


def test_a_choice_of_types_is_complained_about_at_its_key():
    complaints = check(Everything, {"limit": 1, "either": "some"}).complaints
    assert {complaint.path for complaint in complaints} == {("either",)}
    assert complaints[-1].text == "must be 'all'; found 'some'"


def test_a_misspelt_key_is_not_also_missing():
    complaints = check(Everything, {"limits": 3}).complaints
    assert [complaint.path for complaint in complaints] == [("limits",)]


def test_what_is_missing_is_marked_so():
    assert [complaint.missing for complaint in check(Everything, {"x": 1}).complaints] == [False, True]


def test_a_right_table_makes_its_value(tmp_path):
    checked = check(Everything, {"limit": 3, "home": "a", "pause": "5m"}, tmp_path)
    assert checked.complaints == ()
    assert checked.value == Everything(limit=3, home=tmp_path / "a", pause=timedelta(minutes=5))


def test_an_absolute_path_stays(tmp_path):
    assert check(Everything, {"limit": 3, "home": "/a"}, tmp_path).value.home == Path("/a")


@dataclass(frozen=True)
class Loose:
    """A dataclass that would swallow unknown keys."""

    limit: int = 1


class Open(BaseModel):
    """A model that wants all keys."""

    model_config = ConfigDict(extra="allow")
    limit: int = 1


def test_unknown_keys_are_errors_also_where_a_class_would_swallow_them():
    assert check(Loose, {"limits": 1}).complaints[0].text == "unknown key; did you mean 'limit'?"


def test_a_class_that_wants_all_keys_gets_them():
    assert check(Open, {"other": 1}).value.other == 1


def test_a_validator_that_fails_is_a_complaint():
    (complaint,) = check(Pilot, {"program": "x", "fuse": 1}).complaints
    assert complaint.path == ()
    assert complaint.text == 'the plug-in cannot read its options: KeyError("a stranger\'s validator")'


class Tree(BaseModel):
    """A class that holds itself."""

    branches: list["Tree"] = []


def test_a_class_that_holds_itself_is_described_to_some_depth():
    assert "branches" in schema_of(Tree)["properties"]["branches"]["items"]["properties"]
    assert check(Tree, {"branches": [{"branches": [{"leaf": 1}]}]}).complaints == ()


def test_defaults_are_told_as_an_operator_writes_them():
    options = schema_of(Everything)["properties"]
    assert options["pause"]["default"] == "1h"
    assert options["table"]["default"] == {}
    assert options["color"]["default"] == "red"
    assert schema_of(TargetSection)["properties"]["guard"]["default"]["max_pilots"] == 10_000


class Cat(Options):
    kind: Literal["cat"]
    lives: Positive = 9


class Dog(Options):
    kind: Literal["dog"]
    name: str


class Household(Options):
    pet: Annotated[Cat | Dog, Field(discriminator="kind")] | None = None
    pets: tuple[Annotated[Cat | Dog, Field(discriminator="kind")], ...] = ()


@pytest.mark.parametrize(
    ("table", "path", "text"),
    [
        ({"pet": {"kind": "cat", "live": 1}}, ("pet", "live"), "unknown key; did you mean 'lives'?"),
        ({"pet": {"kind": "cat", "lives": 0}}, ("pet", "lives"), "must be a whole number, 1 or more"),
        ({"pet": {"kind": "dog"}}, ("pet", "name"), "is missing; it wants text"),
        ({"pet": {"kind": "dog", "name": 1}}, ("pet", "name"), "must be text"),
        ({"pets": [{"kind": "cat"}, {"kind": "dog"}]}, ("pets", 1, "name"), "is missing"),
    ],
)
def test_of_a_table_with_several_forms_only_its_own_form_counts(table, path, text):
    (complaint,) = check(Household, table).complaints
    assert complaint.path == path
    assert complaint.text.startswith(text)
