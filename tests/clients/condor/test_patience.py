"""Rules that the schedd follows while we are down: what is written, and what it says of a job's ad."""

from typing import Any

import classad2
import pytest
from pydantic import TypeAdapter, ValidationError

from autopyfactory.clients.condor.patience import Patience, Span, upkeep

NOW = 100_000
USER, ON_HOLD, TRANSFER, SPOOLING = 1, 15, 12, 16

DOWN = {"JobStatus": 1, "GridResourceUnavailableTime": NOW - 100}
LOST = {**DOWN, "GridJobId": "condor ce 1.0"}
LONG = {"JobStatus": 1, "GridJobId": "condor ce 1.0"}


def rules(**options: Any) -> dict[str, str]:
    return upkeep(Patience.model_validate(options))


def is_true(rule: str, **ad: Any) -> bool:
    """Whether the schedd would act by this rule on a job with this ad."""
    job = classad2.ClassAd({name: value for name, value in ad.items() if name != "age"})
    job["EnteredCurrentStatus"] = NOW - ad["age"]
    job["Rule"] = classad2.ExprTree(rule.replace("time()", str(NOW)))
    return job.eval("Rule") is True


def held(code: int = TRANSFER, **ad: Any) -> dict[str, Any]:
    return {"JobStatus": 5, "HoldReasonCode": code, "NumHolds": 1, **ad}


@pytest.mark.parametrize(
    ("ad", "released"),
    [
        pytest.param(held(age=299), False, id="too early"),
        pytest.param(held(age=300), True, id="the first after five minutes"),
        pytest.param(held(age=300, NumHolds=2), False, id="the second too early"),
        pytest.param(held(age=600, NumHolds=2), True, id="the second after ten"),
        pytest.param(held(age=3000, NumHolds=10), True, id="the tenth"),
        pytest.param(held(age=99_999, NumHolds=11), False, id="not the eleventh"),
        pytest.param({"JobStatus": 5, "age": 300}, True, id="without code and count"),
        pytest.param(held(age=300, NumHolds=0, NumSystemHolds=2), False, id="a grid job's second"),
        pytest.param(held(USER, age=9999), False, id="by a user"),
        pytest.param(held(ON_HOLD, age=9999), False, id="submitted on hold"),
        pytest.param(held(SPOOLING, age=9999), False, id="its files are on their way"),
        pytest.param({"JobStatus": 1, "age": 9999}, False, id="not held"),
    ],
)
def test_a_held_pilot_is_released_later_each_time(ad: dict[str, Any], released: bool) -> None:
    assert is_true(rules()["periodic_release"], **ad) is released


@pytest.mark.parametrize(
    ("options", "ad", "removed"),
    [
        pytest.param({}, held(age=1, NumHolds=10), False, id="the tenth hold"),
        pytest.param({}, held(age=1, NumHolds=11), True, id="the eleventh"),
        pytest.param({}, held(age=14_400), False, id="four hours"),
        pytest.param({}, held(age=14_401), True, id="longer"),
        pytest.param({}, held(SPOOLING, age=14_401), True, id="files that never came"),
        pytest.param({}, held(USER, age=99_999, NumHolds=99), False, id="by a user"),
        pytest.param({}, held(ON_HOLD, age=99_999), False, id="submitted on hold"),
        pytest.param({}, {"JobStatus": 1, "age": 99_999}, False, id="pending as long as it likes"),
        pytest.param({}, {"JobStatus": 2, "age": 99_999, "NumHolds": 99}, False, id="running"),
        pytest.param({"releases": 0}, held(age=1, NumHolds=11), False, id="no releases, no count"),
        pytest.param({"releases": 0}, held(age=14_401), True, id="no releases, too long"),
        pytest.param({"pending_for": "1h"}, {"JobStatus": 1, "age": 3601}, True, id="pending too long"),
        pytest.param({"pending_for": "1h"}, {"JobStatus": 1, "age": 3600}, False, id="pending"),
        pytest.param({"pending_for": "1h"}, {"JobStatus": 2, "age": 9999}, False, id="no longer pending"),
        pytest.param({"pending_for": "1h"}, {**LOST, "age": 9999}, False, id="at a CE that is down"),
        pytest.param({"pending_for": "1h"}, {**DOWN, "age": 9999}, True, id="never got to the CE"),
        pytest.param({"pending_for": "1h"}, {**LONG, "age": 9999}, True, id="at a CE that is up"),
        pytest.param(
            {"pending_for": "1h", "held_for": "never"}, held(age=99_999, NumHolds=99), False, id="never"
        ),
    ],
)
def test_a_pilot_is_given_up_in_time(options: dict[str, Any], ad: dict[str, Any], removed: bool) -> None:
    assert is_true(rules(**options)["periodic_remove"], **ad) is removed


def test_what_is_switched_off_is_not_written() -> None:
    assert rules(releases=0, held_for="never") == {}
    assert "periodic_remove" not in rules(held_for="never", pending_for="never")


def test_a_release_at_once_is_refused() -> None:
    with pytest.raises(ValidationError, match="greater than or equal to"):
        Patience.model_validate({"release_after": "0s"})


def test_a_span_is_written_as_it_is_read() -> None:
    spans: TypeAdapter[Any] = TypeAdapter(Span)
    for text in ("4h", "never"):
        assert spans.dump_python(spans.validate_python(text)) == text
