"""Every section is asked at the same time, and what is wrong is told once."""

import threading
import time
from collections.abc import Iterator

import pytest

from autopyfactory.app.commands.survey import survey
from autopyfactory.errors import Unavailable
from autopyfactory.model import Demand, Supply
from rig import Rig


@pytest.fixture
def rig() -> Iterator[Rig]:
    rig = Rig()
    object.__setattr__(rig.process, "clock", time.monotonic)
    yield rig
    rig.close()


def test_what_is_fine_is_not_mentioned(rig: Rig) -> None:
    (_, source), (fake, target) = rig.source({"work": Demand()}), rig.target()
    assert survey(rig.plan([rig.queue(source, target)])) == {}
    assert fake.asked("supply") == [("q",)]
    assert fake.asked("submit") == []


def test_many_queues_are_one_question_and_one_trouble(rig: Rig) -> None:
    (fake, source), (_, target) = rig.source(), rig.target()
    fake.fail = Unavailable("the server is down")
    plan = rig.plan([rig.queue(source, target, name=name) for name in ("a", "b", "c")])
    assert survey(plan) == {"source wms": ["the server is down"]}
    assert len(fake.asked("demand")) == 1


def test_what_is_wrong_for_some_queues_names_the_first_and_counts_the_rest(rig: Rig) -> None:
    (_, source), (fake, target) = rig.source({"work": Demand()}), rig.target()
    wrong = Unavailable("no such partition")
    told = {"a": Supply(), "b": wrong, "c": wrong}
    setattr(fake, "supply", lambda queues: told)  # noqa: B010
    plan = rig.plan([rig.queue(source, target, name=name) for name in told])
    assert survey(plan) == {"target site": ["queue b and 1 more: no such partition"]}


def test_what_a_plug_in_finds_itself_is_told_where_it_is_asked_for(rig: Rig) -> None:
    (_, source), (fake, target) = rig.source({"work": Demand()}), rig.target()
    setattr(fake, "probe", lambda: ["the schedd does not know us"])  # noqa: B010
    plan = rig.plan([rig.queue(source, target)])
    assert survey(plan) == {}
    assert survey(plan, probe=True) == {"target site": ["the schedd does not know us"]}


def test_a_plug_in_looks_for_trouble_after_it_was_asked(rig: Rig) -> None:
    (_, source), (fake, target) = rig.source({"work": Demand()}), rig.target()
    setattr(fake, "probe", lambda: [f"{len(fake.asked('supply'))} questions so far"])  # noqa: B010
    plan = rig.plan([rig.queue(source, target)])
    assert survey(plan, probe=True) == {"target site": ["1 questions so far"]}


def test_a_probe_that_fails_as_the_questions_did_adds_nothing(rig: Rig) -> None:
    (_, source), (fake, target) = rig.source({"work": Demand()}), rig.target()
    fake.fail = Unavailable("supply at the schedd: refused")

    def probe() -> list[str]:
        raise Unavailable("hello at the schedd: refused")

    setattr(fake, "probe", probe)  # noqa: B010
    plan = rig.plan([rig.queue(source, target, name=name) for name in ("a", "b")])
    assert survey(plan, probe=True) == {"target site": ["supply at the schedd: refused"]}


def test_a_plug_in_that_breaks_is_told(rig: Rig) -> None:
    (_, source), (fake, target) = rig.source({"work": Demand()}), rig.target()
    setattr(fake, "probe", lambda: 1 / 0)  # noqa: B010
    found = survey(rig.plan([rig.queue(source, target)]), probe=True)
    assert found == {"target site": ["ZeroDivisionError: division by zero"]}


def test_one_that_hangs_delays_no_other_and_is_told(rig: Rig) -> None:
    (_, source), (fake, target) = rig.source({"work": Demand()}), rig.target(timeout="100ms")
    fake.hang = threading.Event()
    plan = rig.plan([rig.queue(source, target, name=name) for name in ("a", "b", "c")])
    began = time.monotonic()
    found = survey(plan)
    assert "gave no answer" in found["target site"][0]
    assert list(found) == ["target site"]
    assert survey(plan, patience=0.0)["target site"] == ["gave no answer in time"]
    assert time.monotonic() - began < 10
    fake.hang.set()
