"""Policies are made as a configuration makes them, with options of every type."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Literal

import pytest
from hypothesis import Phase, find, given, settings
from pydantic import Field

from autopyfactory.model import Unit
from autopyfactory.options import Count, Duration, Positive, Ratio
from autopyfactory.rule import Rule
from autopyfactory.testing import chains, policies_of, reports, shipped
from autopyfactory.testing.strategies import SELDOM

FIRST = settings(phases=[Phase.generate], database=None)  # the first that is found, as it is


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Every(Rule):
    """A rule with an option of every type."""

    least: Positive
    most: Annotated[int, Field(ge=500, le=900)] = 500
    any_number: int = 0
    pause: Duration = timedelta(0)
    part: Ratio = 0.5
    unit: Unit = Unit.JOBS
    word: str = ""
    only: Literal["one"] = "one"
    may_end: bool = False
    limit: Count | None = None

    def __call__(self, count, seen, /):
        return count


@SELDOM
@given(policies_of(Every))
def test_options_keep_their_limits(policy):
    assert policy.least >= 1
    assert 500 <= policy.most <= 900
    assert 0 <= policy.part <= 1
    assert timedelta(0) <= policy.pause <= timedelta(seconds=5000)


@pytest.mark.parametrize(
    "reached",
    [
        lambda policy: policy.any_number < 0,
        lambda policy: policy.most > 520,
        lambda policy: policy.pause > timedelta(minutes=1),
        lambda policy: policy.unit is Unit.CORES,
        lambda policy: policy.word != "",
        lambda policy: policy.may_end,
        lambda policy: policy.limit is not None,
    ],
)
def test_options_take_other_values_than_their_defaults(reached):
    assert reached(find(policies_of(Every), reached, settings=FIRST))


@SELDOM
@given(chains([Every]))
def test_a_chain_is_made_of_the_policies_that_are_named(chain):
    assert {type(policy) for policy in chain} <= {Every}


@SELDOM
@given(chains())
def test_without_names_a_chain_is_made_of_ours(chain):
    assert {type(policy) for policy in chain} <= set(shipped().values())


@pytest.mark.parametrize("part", ["seen", "decision", "outcome", "error"])
@pytest.mark.parametrize("there", [True, False])
def test_a_report_may_have_come_far_or_not(part, there):
    assert find(reports(), lambda report: (getattr(report, part) is not None) is there, settings=FIRST)
