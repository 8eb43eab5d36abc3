"""The command target hands verbs over and takes nothing for a count that is none."""

import json
import re
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from autopyfactory.errors import Rejected, Unavailable
from autopyfactory.model import Ended, Need, Order, Place, Supply
from autopyfactory.sources.command import Answer
from autopyfactory.targets import command
from autopyfactory.targets.command import (
    CommandPilot,
    CommandTarget,
    CommandTargetOptions,
    Retired,
    Submitted,
    Supplies,
    Tagged,
)
from autopyfactory.testing import TargetContract

ROOT = Path(__file__).parents[2]
PLACE = Place(section="cluster", factory="us", logs="logs", state="state")
SAY = "import sys, json; asked = json.load(sys.stdin); print(sys.argv[1].replace('ASKED', json.dumps(asked)))"
ALL = frozenset({Need.IDLE, Need.ENDED, Need.LIFETIME})
PILOT = CommandPilot.model_validate({"cores": 8, "settings": {"image": "worker", "disk": 20}})
ORDER = Order(queue="NORTH", pilot=PILOT, count=2, tag="t1")


def saying(answer: Any, **options: Any) -> CommandTarget:
    """A target whose command always gives one answer; the word ASKED in it becomes the question."""
    text = answer if isinstance(answer, str) else json.dumps(answer)
    return CommandTarget(CommandTargetOptions(command=(sys.executable, "-c", SAY, text), **options), PLACE)


def north(entry: Any, **options: Any) -> Any:
    return saying({"supply": {"NORTH": entry}, "clock": 1000.0}, **options).supply(["NORTH"])["NORTH"]


class TestTheExample(TargetContract):
    plugin = CommandTarget

    @pytest.fixture
    def section(self, tmp_path: Path) -> CommandTargetOptions:
        example, books = ROOT / "examples" / "command" / "books.py", tmp_path / "books.json"
        return CommandTargetOptions(command=(sys.executable, str(example), str(books)))

    @pytest.fixture
    def pilot(self) -> CommandPilot:
        return PILOT

    def test_it_passes_its_probe(self, target: CommandTarget) -> None:
        assert target.probe() == []


ASKED: dict[str, Any] = {
    "supply": ({"queues": ["A", "B"]}, lambda target: target.supply({"B", "A"})),
    "tagged": ({"tags": ["s", "t"]}, lambda target: target.tagged({"t", "s"})),
    "retire": ({"queue": "NORTH", "count": 3}, lambda target: target.retire("NORTH", 3)),
    "submit": (
        {
            "queue": "NORTH",
            "count": 2,
            "tag": "t1",
            "cores": 8,
            "settings": {"disk": "20", "image": "worker"},
            "logs": "logs",
        },
        lambda target: target.submit(ORDER),
    ),
}


@pytest.mark.parametrize("verb", ASKED)
def test_a_question_holds_verb_factory_section_and_what_it_needs(verb: str) -> None:
    words, ask = ASKED[verb]
    asked = dict({"do": verb, "factory": "us", "section": "cluster"}, **words)
    with pytest.raises(Unavailable) as caught:
        ask(saying('{"error": ASKED}'))
    assert str(caught.value) == f"{sys.executable}: {asked}"


def test_counts_are_read() -> None:
    before = time.monotonic()
    entry = {
        "pending": 1,
        "running": 3,
        "held": 4,
        "retiring": 5,
        "idle": 2,
        "started": [900.0, 1100],
        "ended": [{"end": 990, "run_time": 5, "reason": "done"}, {"end": 980.5, "run_time": 0}],
        "lifetime": 99,
    }
    supply = north(entry, gives=ALL)
    old, future = supply.starts
    assert before - 100 <= old <= time.monotonic() - 100
    assert before <= future <= time.monotonic()
    assert supply == Supply(
        pending=1,
        running=3,
        held=4,
        retiring=5,
        idle=2,
        starts=(old, future),
        ended=(Ended(end=980.5, run_time=0), Ended(end=990, run_time=5, reason="done")),
        lifetime=99,
        clock=1000.0,
    )


def test_what_the_section_does_not_name_is_not_read() -> None:
    entry = {"pending": 0, "running": 1, "idle": 1, "lifetime": 1, "ended": [{"end": 1, "run_time": 1}]}
    assert north(entry) == Supply(running=1, clock=1000.0)


def test_the_newest_ended_pilots_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "RECORDS", 2)
    entry = {"pending": 0, "running": 0, "ended": [{"end": end, "run_time": 1} for end in (3, 1, 2)]}
    assert [one.end for one in north(entry, gives=frozenset({Need.ENDED})).ended] == [2, 3]


def test_without_a_clock_ours_is_taken() -> None:
    before = time.time()
    supply = saying({"supply": {"NORTH": {"pending": 0, "running": 0}}}).supply(["NORTH"])["NORTH"]
    assert isinstance(supply, Supply)
    assert before <= supply.clock <= time.time()


FINE = {"pending": 0, "running": 1, "idle": 0, "lifetime": 1}


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ({"pending": 1}, "running: Field required"),
        ({**FINE, "pending": -1}, "pending: Input should be greater than or equal to 0"),
        ({**FINE, "runing": 1}, "runing: Extra inputs are not permitted"),
        ({**FINE, "started": [1, 2]}, "started: 2 times of 1 running pilots"),
        ({**FINE, "ended": [{"end": 1}]}, "ended.0.run_time: Field required"),
        ({**FINE, "idle": 2}, "idle: 2 of 1 running, but 'gives' names it"),
        ({**FINE, "idle": None}, "idle: None of 1 running, but 'gives' names it"),
        ({**FINE, "lifetime": None}, "lifetime: missing, but 'gives' names it"),
        ([], "it: Input should be a valid dictionary"),
        ({"error": "drained"}, "drained"),
    ],
)
def test_a_wrong_entry_is_unknown_and_harms_no_other(entry: Any, why: str) -> None:
    answer = saying({"supply": {"NORTH": entry, "SOUTH": FINE}}, gives=ALL).supply(["NORTH", "SOUTH"])
    assert type(answer["NORTH"]) is Unavailable
    assert "supply.NORTH" in str(answer["NORTH"])
    assert why in str(answer["NORTH"])
    assert type(answer["SOUTH"]) is Supply


def test_a_queue_that_is_missing_is_missing() -> None:
    assert set(saying({"supply": {"NORTH": FINE, "WEST": FINE}}).supply(["NORTH", "SOUTH"])) == {"NORTH"}


@pytest.mark.parametrize(
    "answer", [{}, {"supply": []}, {"supply": {}, "clock": 0}, '{"supply": {}, "clock": 1e999}']
)
def test_a_supply_of_the_wrong_shape_is_no_answer(answer: Any) -> None:
    with pytest.raises(Unavailable, match=r"^answer of .*: (supply|clock): "):
        saying(answer).supply(["NORTH"])


@pytest.mark.parametrize("verb", ["submit", "retire"])
@pytest.mark.parametrize("found", [["a", "b", "c"], ["a", "a"], [1], "ab", None, {"a": 1}])
def test_identifiers_that_make_no_sense_leave_an_act_uncertain(verb: str, found: Any) -> None:
    target = saying({{"submit": "submitted", "retire": "retired"}[verb]: found})
    with pytest.raises(Unavailable, match=r"^answer of ") as caught:
        target.submit(ORDER) if verb == "submit" else target.retire("NORTH", 2)
    assert not caught.value.untouched


def test_a_submission_may_be_accepted_in_part() -> None:
    assert saying({"submitted": ["a"]}).submit(ORDER) == ("a",)
    assert saying({"submitted": []}).submit(ORDER) == ()


@pytest.mark.parametrize(
    ("answer", "error", "untouched"),
    [
        ({"rejected": "no such image"}, Rejected, None),
        ({"error": "down", "untouched": True}, Unavailable, True),
        ({"error": "down"}, Unavailable, False),
        ("", Unavailable, False),
    ],
)
def test_a_failed_submission_says_what_may_have_happened(
    answer: Any, error: type[Exception], untouched: bool | None
) -> None:
    with pytest.raises(error) as caught:
        saying(answer).submit(ORDER)
    assert getattr(caught.value, "untouched", None) is untouched


def test_a_late_submission_is_uncertain() -> None:
    options = {"command": [sys.executable, "-c", "import time; time.sleep(600)"], "timeout": "500ms"}
    target = CommandTarget(CommandTargetOptions.model_validate(options), PLACE)
    with pytest.raises(Unavailable, match="did not end within") as caught:
        target.submit(ORDER)
    assert not caught.value.untouched


def test_a_submission_by_a_missing_command_is_untouched() -> None:
    target = CommandTarget(CommandTargetOptions(command=("no-such-program",)), PLACE)
    with pytest.raises(Unavailable, match="cannot be started") as caught:
        target.submit(ORDER)
    assert caught.value.untouched
    (said,) = target.probe()
    assert "'no-such-program'" in said


def test_the_probe_says_what_is_wrong() -> None:
    (said,) = saying({"suply": {}}).probe()
    assert "supply: Field required; suply: Extra inputs are not permitted" in said


def test_the_documented_answers_are_understood() -> None:
    blocks = re.findall(r"```json\n(.*?)```", (ROOT / "docs" / "command.md").read_text(), re.DOTALL)
    questions, answers = (
        [json.loads(block) for block in blocks[::2]],
        [json.loads(block) for block in blocks[1::2]],
    )
    models: dict[str, Any] = {
        "demand": Answer,
        "supply": Supplies,
        "submit": Submitted,
        "retire": Retired,
        "tagged": Tagged,
    }
    assert [question["do"] for question in questions] == list(models)
    for question, answer in zip(questions, answers, strict=True):
        models[question["do"]].model_validate(answer)
    supply = saying(answers[1], gives=ALL).supply(questions[1]["queues"])
    assert {type(value) for value in supply.values()} == {Supply}
