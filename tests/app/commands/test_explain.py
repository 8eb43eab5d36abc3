"""`apf explain` says why a cycle came to its number."""

import json
import time
from dataclasses import replace

import pytest

import strangers
from autopyfactory.app.commands.explain import about_limits, explain_queue, find_limits
from autopyfactory.cut import cut
from autopyfactory.history.database import FILE
from autopyfactory.history.retention import Keep
from autopyfactory.history.writer import Writer
from autopyfactory.model import Decision, Step
from autopyfactory.retirement import ASKED
from autopyfactory.view import Fall, GuardView
from remembered import DEFINITION, ENTRIES, NOW, cycle, failed, remember
from unlimited import FREE


@pytest.fixture
def state(tmp_path, monkeypatch):
    monkeypatch.setattr(time, "time", lambda: NOW + 120)
    return remember(tmp_path)


def told(capsys, *asked, as_json=False):
    assert explain_queue(*asked, as_json=as_json) == 0
    return capsys.readouterr().out


def test_the_last_cycle_is_told_with_ages_trail_outcome_and_the_limit_that_held_it(state, capsys):
    lines = told(capsys, "SITE_A", "90m", None, state).splitlines()
    assert lines[0] == "SITE_A: cycle 85 of 2030-01-31T10:30:00Z, the last one before 2030-01-31T10:32:00Z"
    assert lines[1:3] == [
        "work at panda: 20 ready (0 cores), 85 running, 12.0 s old",
        "pilots at ce01: 2 pending, 85 running, 1.0 s old",
    ]
    assert lines[3] == "  ready(): 0 -> 18"
    assert lines[4].startswith("      Ask for what waits and has no pilot yet")
    assert lines[5] == "  max_pending(limit=10): 18 -> 8"
    assert lines[7] == "  max_per_cycle(limit=4): 8 -> 4"
    assert lines[9:] == [
        "=> submitted 4",
        "   85.0, 85.1, 85.2, 85.3",
        "raise max_per_cycle.limit from 4 to 5: it would be 5; to 8 or more: 8",
    ]


def test_without_a_moment_it_is_the_last_one(state, capsys):
    assert told(capsys, "SITE_A", None, None, state).startswith(
        "SITE_A: cycle 100 of 2030-01-31T12:00:00Z, 2m ago"
    )


def test_why_nothing_was_submitted_is_told(state, capsys):
    assert told(capsys, "LATE", None, None, state).splitlines()[-2:] == [
        "=> nothing: no work waits",
        "no single limit, raised, would change it",
    ]


def test_a_cycle_that_failed_is_told_why(state, capsys):
    assert told(capsys, "SITE_A", "2030-01-31T11:01Z", None, state).splitlines()[1:] == [
        "=> failed: target ce01 gave no answer",
        "which limit would change it: the cycle came to no decision",
    ]


def test_for_programs_it_is_one_object(state, capsys):
    answer = json.loads(told(capsys, "SITE_A", "90m", None, state, as_json=True))
    assert (answer["queue"], answer["cycle"], answer["decision"]) == ("SITE_A", 85, 4)
    assert answer["definition"]["interval"] == "6m"
    assert answer["limits_unknown"] is None
    [limit] = answer["limits"]
    assert (limit["rule"], limit["option"], limit["value"], limit["least"], limit["most"]) == (
        "max_per_cycle",
        "limit",
        4,
        5,
        8,
    )


@pytest.mark.parametrize(
    ("report", "words"),
    [
        (failed(cycle("q", 1), "no answer"), "the cycle came to no decision"),
        (replace(cycle("q", 1), definition=""), "nobody knows what its chain was"),
        (
            replace(cycle("q", 1), decision=Decision(count=-3, steps=(Step(ASKED, -3),))),
            "an operator asked for it, and limits were not",
        ),
        (replace(cycle("q", 1), decision=Decision(count=3)), "run again, its chain comes to 4 today"),
        (
            replace(cycle("q", 1), definition='{"policies": [{"kind": "redy"}]}'),
            "its chain cannot be run again: no 'redy' among policies; did you mean 'ready'?",
        ),
        (
            replace(cycle("q", 1), definition='{"policies": [{"kind": "failing"}]}'),
            """its chain cannot be run again: a policy fails: ZeroDivisionError("a stranger's mistake")""",
        ),
    ],
)
def test_what_nobody_can_tell_is_told_so(report, words, monkeypatch):
    strangers.declare(monkeypatch)
    assert find_limits(report).unknown == words


def test_a_limit_that_cannot_be_tried_is_told_with_all_the_rest(tmp_path, monkeypatch, capsys):
    strangers.declare(monkeypatch)
    definition = {**DEFINITION, "policies": [*ENTRIES, {"kind": "brittle", "limit": 4}]}
    writer = Writer(tmp_path / FILE, Keep(days=100_000, bytes=10**9))
    monkeypatch.setattr(time, "time", lambda: NOW)
    writer.add(replace(cycle("q", 100), definition=json.dumps(definition, sort_keys=True)))
    writer.close()
    assert told(capsys, "q", None, None, tmp_path).splitlines()[-3:] == [
        "=> submitted 4",
        "   100.0, 100.1, 100.2, 100.3",
        """brittle.limit cannot be tried: a policy fails: OverflowError("a stranger's mistake")""",
    ]
    assert json.loads(told(capsys, "q", None, None, tmp_path, as_json=True))["limits_untried"] == [
        {
            "rule": "brittle",
            "option": "limit",
            "why": """a policy fails: OverflowError("a stranger's mistake")""",
        }
    ]


def limited(**guard):
    """A cycle after which the guard, that saw so much, left so many."""
    report = cycle("q", 1)
    return replace(report, decision=cut(report.decision, view := GuardView(**guard)), guard=view)


@pytest.mark.parametrize(
    ("report", "sentences"),
    [
        (
            limited(accounts=(FREE._replace(max_pilots=101),)),
            ["raise target.ce01.guard.max_pilots from 101 to 102: it would be 2; to 104 or more: 4"],
        ),
        (
            limited(accounts=(FREE._replace(max_pilots=104),)),
            ["each of these alone holds it at 4: max_per_cycle, target.ce01.guard.max_pilots"],
        ),
        (
            limited(accounts=(FREE._replace(max_pilots=106),)),
            ["raise max_per_cycle.limit from 4 to 5: it would be 5; to 6 or more: 6"],
        ),
        (
            limited(fall=Fall(what="pilots", before=100, now=3)),
            [
                "no single limit, raised, would change it; the guard had the last word:"
                " pilots fell from 100 to 3, a second reading must agree"
            ],
        ),
        (
            limited(accounts=(FREE._replace(per_minute=60),)),
            [
                "which limit would change it: target.ce01.guard.per_minute left nothing,"
                " and what a higher one would have left nobody can tell"
            ],
        ),
    ],
)
def test_what_the_guard_left_is_told_with_its_limits(report, sentences):
    assert about_limits(report, find_limits(report)) == sentences


def test_a_policy_that_is_gone_has_no_meaning_and_does_no_harm(tmp_path, monkeypatch, capsys):
    from autopyfactory.app.commands.explain import tell

    decision = Decision(count=3, steps=(Step("stranger(limit=3)", 3),))
    report = replace(cycle("q", 1), decision=decision)
    tell(report, find_limits(report), "now")
    assert "  stranger(limit=3): 0 -> 3\n=> submitted" in capsys.readouterr().out
