"""The simulator is as slow and as unreliable as it is told to be, and otherwise answers for its world."""

from typing import Any

from autopyfactory.clients.simulation.books import Tally
from autopyfactory.clients.simulation.simulator import Setup, Simulator
from autopyfactory.testing import VirtualClock

SUBMIT = {"do": "submit", "factory": "us", "queue": "ALPHA", "count": 2, "tag": "tag"}
SUPPLY = {"do": "supply", "factory": "us", "queues": ["ALPHA"]}


class Stage:
    """A simulator on a virtual clock; pauses pass at once, and are noted."""

    def __init__(self, **setup: Any) -> None:
        self.clock = VirtualClock(500.0)
        self.pauses: list[float] = []
        self.simulator = Simulator(Setup.model_validate(setup), self.clock, lambda: 10_000.0)

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.clock.advance(seconds)

    def ask(self, question: dict[str, Any], age: float | None = None) -> Any:
        """The reply when the simulator is `age` seconds old."""
        if age is not None:
            self.clock.now = 500.0 + age
        return self.simulator.answer(question, self.pause)


def test_it_answers_for_its_world() -> None:
    stage = Stage(queue_delay={"mean": "10s"}, run_time={"mean": "100s"})
    assert stage.ask(SUBMIT) == {"answer": ["1", "2"], "clock": 10_000.0}
    supply = stage.ask(SUPPLY, age=30)
    assert supply == {"answer": {"ALPHA": Tally(0, 2, 0, 2, (10_010.0, 10_010.0), ())}, "clock": 10_030.0}
    assert stage.ask({"do": "tagged", "factory": "us", "tags": ["tag"]})["answer"] == {"tag": 2}
    retire = {"do": "retire", "factory": "us", "queue": "ALPHA", "count": 1}
    assert stage.ask({**retire, "running": False})["answer"] == []
    assert stage.ask({**retire, "running": True})["answer"] == ["2"]
    assert stage.pauses == []


def test_answers_take_their_time() -> None:
    stage = Stage(answer_delay={"mean": "3s"})
    assert stage.ask(SUBMIT)["clock"] == 10_003.0
    assert stage.pauses == [3.0]


def test_an_outage_refuses_and_does_nothing() -> None:
    stage = Stage(outages=[{"after": "60s", "lasts": "30s"}])
    assert stage.ask(SUBMIT, age=65) == {"error": "the simulator has an outage of 25.0 more seconds"}
    assert stage.ask(SUPPLY, age=90)["answer"]["ALPHA"] == Tally(0, 0, 0, 0, (), ())


def test_a_hanging_outage_answers_when_it_is_over() -> None:
    stage = Stage(outages=[{"after": "60s", "lasts": "30s", "hangs": True}])
    assert stage.ask(SUBMIT, age=65) == {"answer": ["1", "2"], "clock": 10_090.0}
    assert stage.pauses == [25.0]


def test_a_new_setup_leaves_the_pilots_there() -> None:
    stage = Stage(slots=0, queue_delay={"mean": 0})
    stage.ask(SUBMIT)
    stage.simulator.adopt(Setup.model_validate({"slots": 1, "answer_delay": {"mean": "1s"}}))
    assert stage.ask(SUPPLY)["answer"]["ALPHA"][:2] == (1, 1)
    assert stage.pauses == [1.0]
