"""The command source hands works over and takes nothing for a count that is none."""

import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from autopyfactory.errors import Unavailable
from autopyfactory.model import Demand, Need, Place, SiteStatus
from autopyfactory.sources.command import CommandSource, CommandSourceOptions, CommandWork
from autopyfactory.testing import SourceContract

EXAMPLE = Path(__file__).parents[2] / "examples" / "command" / "books.py"
PLACE = Place(section="jobs", factory="us", logs="logs", state="state")
NORTH = CommandWork.model_validate({"select": {"site": "NORTH", "cores": 8}})
SOUTH = CommandWork.model_validate({"select": {"site": "SOUTH"}})
SAY = "import sys, json; asked = json.load(sys.stdin); print(sys.argv[1].replace('ASKED', json.dumps(asked)))"


def saying(answer: Any, **options: Any) -> CommandSource:
    """A source whose command always gives one answer; the word ASKED in it becomes the question."""
    text = answer if isinstance(answer, str) else json.dumps(answer)
    return CommandSource(CommandSourceOptions(command=(sys.executable, "-c", SAY, text), **options), PLACE)


class TestTheExample(SourceContract):
    plugin = CommandSource

    @pytest.fixture
    def section(self, tmp_path: Path) -> CommandSourceOptions:
        books = tmp_path / "books.json"
        books.write_text(json.dumps({"jobs": {"NORTH": 5}, "pilots": []}))
        return CommandSourceOptions(command=(sys.executable, str(EXAMPLE), str(books)))

    @pytest.fixture
    def works(self) -> list[CommandWork]:
        return [NORTH, SOUTH]

    def test_it_counts_jobs(self, source: CommandSource, works: list[CommandWork]) -> None:
        assert source.demand(works) == {NORTH: Demand(ready=5, ready_cores=5), SOUTH: Demand()}

    def test_it_passes_its_probe(self, source: CommandSource) -> None:
        assert source.probe() == []


class TestASourceThatKnowsTheStatus(SourceContract):
    plugin = CommandSource

    @pytest.fixture
    def section(self) -> CommandSourceOptions:
        code = (
            "import sys, json; works = json.load(sys.stdin)['works'];"
            "print(json.dumps({'demand': {key: {'ready': 1, 'status': 'test'} for key in works}}))"
        )
        return CommandSourceOptions(command=(sys.executable, "-c", code), gives=frozenset({Need.STATUS}))

    @pytest.fixture
    def works(self) -> list[CommandWork]:
        return [SOUTH]


def test_the_question_holds_factory_section_and_works() -> None:
    with pytest.raises(Unavailable) as caught:
        saying('{"error": ASKED}').demand([NORTH, SOUTH])
    asked = {
        "do": "demand",
        "factory": "us",
        "section": "jobs",
        "works": {"w1": {"cores": "8", "site": "NORTH"}, "w2": {"site": "SOUTH"}},
    }
    assert str(caught.value) == f"{sys.executable}: {asked}"


@pytest.mark.parametrize(
    ("entry", "demand"),
    [
        ({"ready": 2}, Demand(ready=2, ready_cores=2)),
        ({"ready": 2, "ready_cores": 0}, Demand(ready=2)),
        (
            {"ready": 1, "running": 2, "held": 3},
            Demand(ready=1, running=2, held=3, ready_cores=1, running_cores=2, held_cores=3),
        ),
        (
            {"ready": 1, "ready_cores": 8, "running_cores": 9, "held_cores": 10, "status": None},
            Demand(ready=1, ready_cores=8, running_cores=9, held_cores=10),
        ),
        ({"ready": 0, "status": "brokeroff"}, Demand(status=SiteStatus.BROKEROFF)),
    ],
)
def test_counts_are_read(entry: dict[str, Any], demand: Demand) -> None:
    source = saying({"demand": {"w1": entry}}, gives=frozenset({Need.STATUS}))
    assert source.demand([SOUTH]) == {SOUTH: demand}


def test_a_status_that_the_section_does_not_name_is_not_read() -> None:
    assert saying({"demand": {"w1": {"ready": 0, "status": "test"}}}).demand([SOUTH]) == {SOUTH: Demand()}


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ({}, "demand.w1: ready: Field required"),
        ({"ready": -1}, "demand.w1: ready: Input should be greater than or equal to 0"),
        ({"ready": 1.0}, "demand.w1: ready: Input should be a valid integer"),
        ({"ready": True}, "demand.w1: ready: Input should be a valid integer"),
        ({"ready": "1"}, "demand.w1: ready: Input should be a valid integer"),
        ({"ready": 1, "runing": 1}, "demand.w1: runing: Extra inputs are not permitted"),
        ({"ready": 1, "status": "on"}, "demand.w1: status: Input should be 'online'"),
        ([1], "demand.w1: it: Input should be a valid dictionary"),
        (None, "demand.w1: it: Input should be a valid dictionary"),
        ({"error": "no such site"}, "no such site"),
    ],
)
def test_a_wrong_entry_is_unknown_and_harms_no_other(entry: Any, why: str) -> None:
    answer = saying({"demand": {"w1": entry, "w2": {"ready": 1}}}).demand([NORTH, SOUTH])
    assert why in str(answer[NORTH])
    assert type(answer[NORTH]) is Unavailable
    assert answer[SOUTH] == Demand(ready=1, ready_cores=1)


def test_a_missing_entry_is_missing() -> None:
    answer = saying({"demand": {"w2": {"ready": 1}, "w9": {"ready": 1}}}).demand([NORTH, SOUTH])
    assert set(answer) == {SOUTH}


@pytest.mark.parametrize("answer", [{}, {"demand": []}, {"demand": {}, "more": 1}])
def test_an_answer_of_the_wrong_shape_is_no_answer(answer: Any) -> None:
    with pytest.raises(Unavailable, match=r"^answer of .*: (demand|more): "):
        saying(answer).demand([SOUTH])


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (
            CommandSource(CommandSourceOptions(command=("no-such-program",)), PLACE),
            "'no-such-program' is not an",
        ),
        (saying("hello"), "answered no JSON but 'hello"),
        (saying({"rejected": "not for you"}), "not for you"),
    ],
)
def test_the_probe_says_what_is_wrong(source: CommandSource, why: str) -> None:
    (said,) = source.probe()
    assert why in said


def test_a_closed_one_runs_nothing() -> None:
    source = saying({"demand": {}}, timeout=timedelta(seconds=5))
    source.close()
    with pytest.raises(Unavailable, match="is closed"):
        source.demand([SOUTH])
