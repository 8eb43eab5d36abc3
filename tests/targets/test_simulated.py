"""The simulated target keeps a target's promises, and shows what its simulator does."""

import tomllib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from autopyfactory.clients.simulation.books import Record, Tally
from autopyfactory.errors import Unavailable
from autopyfactory.model import Ended, Order, Place, Supply
from autopyfactory.targets.simulated import SimulatedOptions, SimulatedPilot, SimulatedTarget, describe
from autopyfactory.testing import TargetContract, until

Make = Callable[[str], SimulatedTarget]
LATER = {"mean": "1h"}
NOW = {"mean": 0}


def options(**words: Any) -> SimulatedOptions:
    return SimulatedOptions.model_validate({"timeout": "30s", **words})


class TestPendingPilots(TargetContract):
    plugin = SimulatedTarget
    laws: dict[str, Any] = {"queue_delay": LATER}  # noqa: RUF012

    @pytest.fixture
    def section(self, tmp_path: Path) -> SimulatedOptions:
        return options(socket=tmp_path / "pool.socket", **self.laws)

    @pytest.fixture
    def pilot(self) -> SimulatedPilot:
        return SimulatedPilot(cores=8)


class TestRunningPilots(TestPendingPilots):
    laws = {"queue_delay": NOW, "run_time": LATER, "slots": 3, "retire_running": True}  # noqa: RUF012

    def test_starts_are_told_on_our_clock(self, target: SimulatedTarget, pilot: SimulatedPilot) -> None:
        target.submit(self.order(pilot, 4))
        supply = target.supply(self.queues[:1])[self.queues[0]]
        assert (supply.pending, supply.running) == (1, 3)
        assert supply.started_since(supply.starts[0] - 1) == 3


def test_where_it_stands_the_system_lies_in_the_state_folder(tmp_path: Path) -> None:
    place = Place(section="pool", factory="us", logs="logs", state=str(tmp_path / "state"))
    target = SimulatedTarget(options(), place)
    target.supply(["ALPHA"])
    socket = tmp_path / "state" / "simulated" / "pool.socket"
    assert socket.is_socket()
    target.close()
    assert until(lambda: not socket.exists())


@pytest.mark.parametrize(("keep", "left"), [(True, 2), (False, 0)])
def test_a_system_that_is_kept_outlives_its_user(tmp_path: Path, keep: bool, left: int) -> None:
    place = Place(section="pool", factory="us", logs="logs", state=str(tmp_path))
    section = options(keep=keep, queue_delay=LATER, linger="1s")
    first, second = SimulatedTarget(section, place), SimulatedTarget(section, place)
    first.submit(Order(queue="ALPHA", pilot=SimulatedPilot(), count=2, tag="tag"))
    first.close()
    assert second.supply(["ALPHA"])["ALPHA"].pending == left
    second.close()
    assert until(lambda: not (tmp_path / "simulated" / "pool.socket").exists())


def test_an_outage_is_no_answer(tmp_path: Path) -> None:
    place = Place(section="pool", factory="us", logs="logs", state=str(tmp_path))
    target = SimulatedTarget(options(outages=[{"after": 0, "lasts": "1h"}]), place)
    with pytest.raises(Unavailable, match="outage"):
        target.supply(["ALPHA"])
    target.close()


def test_a_tally_becomes_a_supply() -> None:
    tally = Tally(1, 2, 3, 9, (990.0, 1001.0), (Record(980.0, 60.0, "failed"),))
    assert describe(tally, 1000.0, 50.0, False) == Supply(
        pending=1,
        running=2,
        held=3,
        lifetime=9,
        starts=(40.0, 50.0),
        ended=(Ended(end=980.0, run_time=60.0, reason="failed"),),
        clock=1000.0,
    )


@pytest.mark.parametrize("wrong", [{"slot": 5}, {"failures": 2}, {"run_time": {"shape": "flat", "mean": 1}}])
def test_options_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        options(**wrong)


def test_a_pilot_has_cores() -> None:
    assert SimulatedPilot().cores == 1
    assert options().timeout == timedelta(seconds=30)


def test_the_documented_section_is_understood() -> None:
    text = (Path(__file__).parents[2] / "docs" / "simulated.md").read_text()
    section = tomllib.loads(text.split("```toml\n")[1].split("```")[0])["target"]["sim"]
    assert section.pop("kind") == "simulated"
    assert {*section} == {*options(**section).model_dump(exclude_defaults=True)} - {"timeout"}
