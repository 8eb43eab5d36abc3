"""Options and supplies that break the rules are caught."""

from dataclasses import replace
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, Field

from autopyfactory.model import Ended, Need, Supply
from autopyfactory.options import Options
from autopyfactory.testing.checks import check_options, check_supply, is_count


class Loose(BaseModel):
    model_config = ConfigDict(frozen=True)
    word: str = ""


class Listed(Options):
    words: list[str] = Field(default_factory=list)


@pytest.mark.parametrize("options", [Loose(), Listed()])
def test_options_that_break_the_rules_are_caught(options: BaseModel) -> None:
    with pytest.raises((pytest.fail.Exception, TypeError)):
        check_options(options)  # type: ignore[arg-type]


@pytest.mark.parametrize("number", [-1, 1.0, True, None, "1"])
def test_what_is_no_whole_number_is_no_count(number: object) -> None:
    assert not is_count(number)


FINE = Supply(running=2, idle=1, starts=(1.0,), ended=(Ended(end=5.0, run_time=2.0),), clock=9.0)
GIVES = frozenset({Need.IDLE, Need.ENDED})


def test_a_supply_that_keeps_the_rules_passes() -> None:
    check_supply(FINE, GIVES)


@pytest.mark.parametrize(
    "wrong",
    [
        {"pending": -1},
        {"running": 2.0},
        {"uncertain": 1},
        {"idle": 3},
        {"idle": None},
        {"lifetime": 7},
        {"starts": (1.0, 2.0, 3.0)},
        {"starts": (1e12,)},
        {"ended": (Ended(end=5.0, run_time=-1.0),)},
        {"ended": (Ended(end=5.0, run_time=1.0), Ended(end=4.0, run_time=1.0))},
        {"clock": 0.0},
        {"as_of": 1e12},
    ],
)
def test_a_supply_that_breaks_a_rule_is_caught(wrong: dict[str, Any]) -> None:
    with pytest.raises(AssertionError):
        check_supply(replace(FINE, **wrong), GIVES)
