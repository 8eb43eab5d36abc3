"""What every declared policy owes to those who use it: words, types and a page."""

from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from autopyfactory.model import Need
from strategies import DECLARED, SELDOM, adapter, policies_of

PAGE = Path(__file__).parents[2] / "docs" / "policies.md"
POLICIES = Path(__file__).parents[2] / "src" / "autopyfactory" / "policies"
every_policy = pytest.mark.parametrize("kind", list(DECLARED))


def test_every_file_is_declared():
    assert {path.stem for path in POLICIES.glob("[a-z]*.py")} == set(DECLARED)


@every_policy
def test_the_class_says_in_one_sentence_what_it_does(kind):
    rule, _, rest = DECLARED[kind].load().__doc__.partition("\n")
    assert rule.endswith(".")
    assert not rest or rest.startswith("\n")


@every_policy
def test_every_option_says_what_it_is_for(kind):
    for option in adapter(kind).json_schema()["properties"].values():
        assert option["description"].endswith(".")


@every_policy
def test_the_operators_page_tells_of_it_and_of_every_option(kind):
    _, found, rest = PAGE.read_text("utf-8").partition(f"\n### {kind}\n")
    section = rest.partition("\n##")[0]
    assert found
    for option in fields(DECLARED[kind].load()):
        assert f"`{option.name}`" in section


@every_policy
def test_needs_are_parts_of_an_observation(kind):
    policy = DECLARED[kind].load()
    assert policy.needs <= frozenset(Need)
    assert isinstance(policy.cap, bool)


@every_policy
@SELDOM
@given(data=st.data())
def test_it_is_a_frozen_fact_shown_by_its_kind(kind, data):
    policy = data.draw(policies_of(kind))
    again = replace(policy)
    assert again == policy
    assert hash(again) == hash(policy)
    assert type(policy).__dataclass_params__.frozen
    assert not hasattr(policy, "__dict__")
    assert repr(policy).startswith(f"{kind}(")


@every_policy
def test_a_misspelt_option_is_an_error(kind):
    with pytest.raises(ValidationError, match="ofset"):
        adapter(kind).validate_python({"ofset": 1})


@pytest.mark.parametrize("kind", [kind for kind in DECLARED if kind.startswith(("max_", "min_"))])
def test_a_limit_has_no_default(kind):
    with pytest.raises(ValidationError, match=r"limit\n +Field required"):
        adapter(kind).validate_python({})


@pytest.mark.parametrize(
    ("kind", "option", "value"),
    [
        ("ready", "offset", -1),
        ("ready", "unit", "pilots"),
        ("scale", "factor", -0.5),
        ("scale", "factor", float("nan")),
        ("scale", "factor", float("inf")),
        ("scale", "factor", "0.5"),
        ("max_pending", "limit", -1),
        ("max_pending", "limit", 2.5),
        ("max_pending", "limit", "10"),
        ("max_pending", "limit", True),
        ("max_pending", "may_retire", "yes"),
        ("throttle", "ratio", 1.5),
        ("throttle", "ratio", -0.1),
        ("throttle", "ratio", float("nan")),
        ("throttle", "interval", "an hour"),
        ("throttle", "interval", "-1h"),
        ("throttle", "interval", 1e30),
        ("weighted_activated", "pending", float("nan")),
    ],
)
def test_a_wrong_value_is_an_error_of_that_option(kind, option, value):
    required = {"limit": 1} if kind.startswith("max_") else {}
    with pytest.raises(ValidationError) as caught:
        adapter(kind).validate_python({**required, option: value})
    assert [error["loc"] for error in caught.value.errors()] == [(option,)]
