"""What a reader of a report is told."""

import json
from dataclasses import replace

import pytest

from autopyfactory.errors import Rejected, Unavailable
from autopyfactory.model import (
    Decision,
    Demand,
    Observation,
    Outcome,
    Report,
    Sibling,
    SiteStatus,
    Step,
    Supply,
)
from autopyfactory.policies.max_per_cycle import MaxPerCycle
from autopyfactory.policies.ready import Ready
from autopyfactory.render import age, as_data, changes, effective, explain, headline, verdict

SEEN = Observation(
    demand=Demand(ready=20, ready_cores=40, running=3, as_of=90.0),
    supply=Supply(pending=2, running=5, as_of=99.5),
    now=100.0,
)
SERVED = Observation(demand=Demand(ready=3, as_of=1.0), supply=Supply(pending=3))
STEPS = (Step(Ready(offset=2), 18), Step(MaxPerCycle(limit=30), 18), Step("guard: 4 pilots a minute", 4))
SUBMITTED = Report(
    queue="q",
    source="wms",
    target="ce",
    number=3,
    seen=SEEN,
    decision=Decision(count=4, steps=STEPS),
    outcome=Outcome(submitted=("1", "2", "3", "4")),
)
NOTHING = Decision(count=0, steps=(Step(Ready(), 5), Step(MaxPerCycle(limit=0), 0)))
IDLE = Report(
    queue="q", seen=Observation(demand=Demand(as_of=1.0)), decision=Decision(count=0), outcome=Outcome()
)
LOST = Unavailable("no answer")


def test_a_trail_tells_each_step_with_the_count_before_and_after() -> None:
    assert [str(change) for change in changes(SUBMITTED.decision or Decision(count=0))] == [
        "ready(offset=2): 0 -> 18",
        "max_per_cycle(limit=30): stays 18",
        "guard: 4 pilots a minute: 18 -> 4",
    ]


def test_only_steps_that_changed_the_count_are_effective() -> None:
    assert [change.after for change in effective(SUBMITTED.decision or Decision(count=0))] == [18, 4]


@pytest.mark.parametrize(
    ("report", "words"),
    [
        (SUBMITTED, "submitted 4"),
        (replace(SUBMITTED, decision=Decision(count=6)), "submitted 4 of 6"),
        (
            replace(SUBMITTED, outcome=Outcome(uncertain=4), error=LOST),
            "submitted 0 of 4, 4 uncertain: no answer",
        ),
        (
            replace(SUBMITTED, outcome=Outcome(), error=Rejected("no such site")),
            "submitted 0 of 4: no such site",
        ),
        (
            replace(SUBMITTED, decision=Decision(count=-2), outcome=Outcome(retired=("1", "2"))),
            "retired 2",
        ),
        (
            replace(SUBMITTED, decision=NOTHING, outcome=Outcome()),
            "nothing: max_per_cycle(limit=0): 5 -> 0",
        ),
        (replace(IDLE, seen=SEEN), "nothing: no step asked for pilots"),
        (IDLE, "nothing: no work waits"),
        (replace(IDLE, seen=SERVED), "nothing: all ready work has pilots"),
        (replace(IDLE, seen=replace(SERVED, demand=Demand(ready=3))), "nothing: no step asked for pilots"),
        (Report(queue="q", error=LOST), "failed: no answer"),
        (Report(queue="q", error=ValueError("odd")), "failed: ValueError: odd"),
        (Report(queue="q", outcome=Outcome(), decision=Decision(count=0), error=LOST), "failed: no answer"),
        (replace(SUBMITTED, outcome=None), "would submit 4"),
        (replace(SUBMITTED, outcome=None, decision=Decision(count=-4)), "would retire 4"),
        (
            replace(SUBMITTED, outcome=None, decision=Decision(count=0)),
            "would do nothing: no step asked for pilots",
        ),
        (Report(queue="q"), "only looked"),
    ],
)
def test_a_verdict_says_what_became_of_the_cycle(report: Report, words: str) -> None:
    assert verdict(report) == words


def test_an_explanation_holds_readings_with_ages_trail_verdict_and_identifiers() -> None:
    assert explain(SUBMITTED) == [
        "work at wms: 20 ready (40 cores), 3 running, 10.0 s old",
        "pilots at ce: 2 pending, 5 running, 0.5 s old",
        "  ready(offset=2): 0 -> 18",
        "  max_per_cycle(limit=30): stays 18",
        "  guard: 4 pilots a minute: 18 -> 4",
        "=> submitted 4",
        "   1, 2, 3, 4",
    ]


def test_an_explanation_names_what_else_a_policy_saw() -> None:
    seen = replace(
        SEEN,
        demand=replace(SEEN.demand, held=2, status=SiteStatus.TEST),
        supply=replace(SEEN.supply, idle=1, held=2, uncertain=3),
        siblings=(Sibling(queue="r", pending=1, running=2, weight=0.5),),
        started=7,
    )
    lines = explain(replace(SUBMITTED, seen=seen))
    assert lines[0].endswith("3 running, 2 held, site test, 10.0 s old")
    assert "5 running, 1 idle, 2 held, 3 uncertain, 0.5 s old" in lines[1]
    assert lines[2:4] == [
        "7 pilots began after the work was counted",
        "sibling r: 1 pending, 2 running, weight 0.5",
    ]


def test_troubles_stand_below_the_pilots_and_in_the_data() -> None:
    troubles = ("3 held: code 12", "5 pending for a resource that is down")
    report = replace(SUBMITTED, seen=replace(SEEN, supply=replace(SEEN.supply, troubles=troubles)))
    assert explain(report)[2:4] == [f"  trouble: {trouble}" for trouble in troubles]
    assert as_data(report)["supply"]["troubles"] == troubles


def test_unknown_work_is_called_unknown_and_many_identifiers_are_cut() -> None:
    outcome = Outcome(submitted=tuple(str(number) for number in range(8)))
    lines = explain(replace(SUBMITTED, seen=Observation(supply=Supply(as_of=1.0)), outcome=outcome))
    assert lines[0] == "work at wms: unknown"
    assert lines[-1] == "   0, 1, 2, 3, 4 and 3 more"


def test_a_cycle_that_failed_at_once_is_explained_by_its_error() -> None:
    assert explain(Report(queue="q", error=LOST)) == ["=> failed: no answer"]


def test_a_report_as_data_is_json_and_holds_what_the_words_hold() -> None:
    data = json.loads(json.dumps(as_data(SUBMITTED)))
    assert data["queue"] == "q"
    assert data["cycle"] == 3
    assert data["demand"]["ready"] == 20
    assert data["demand"]["age"] == 10.0
    assert data["supply"]["pending"] == 2
    assert data["steps"][0] == {"rule": "ready(offset=2)", "before": 0, "after": 18}
    assert data["decision"] == 4
    assert data["submitted"] == ["1", "2", "3", "4"]
    assert data["error"] is None
    assert data["words"] == explain(SUBMITTED)


def test_what_a_cycle_did_not_see_is_null() -> None:
    data = json.loads(json.dumps(as_data(Report(queue="q", error=LOST))))
    assert (data["demand"], data["supply"], data["decision"]) == (None, None, None)
    assert data["error"] == "no answer"
    unknown = as_data(replace(SUBMITTED, seen=Observation()))
    assert unknown["demand"] is None


def test_ages_are_never_negative() -> None:
    assert age(10.0, 9.0) == "0.0 s old"


def test_a_shadow_chain_is_shown_after_the_real_one_and_told_apart():
    seen = Observation(demand=Demand(ready=5, as_of=1.0), now=1.0)
    decision, shadow = Decision(count=0).then("null()", 0), Decision(count=0).then("ready()", 5)
    report = Report(queue="q", seen=seen, decision=decision, shadow=shadow, outcome=Outcome())
    told = as_data(report)
    assert (told["shadow"], told["shadow_steps"]) == (5, [{"rule": "ready()", "before": 0, "after": 5}])
    assert told["words"][-3:] == [
        "shadow chain, which nobody acts on:",
        "  ready(): 0 -> 5",
        "=> would submit 5",
    ]
    assert told["submitted"] == []


def test_a_headline_holds_the_verdict_and_the_steps_that_changed_the_count() -> None:
    assert headline(replace(SUBMITTED, decision=Decision(count=4, steps=STEPS))) == (
        "submitted 4 (ready(offset=2): 0 -> 18, guard: 4 pilots a minute: 18 -> 4)"
    )
    assert headline(Report(queue="q", error=Unavailable("down"))) == "failed: down"
