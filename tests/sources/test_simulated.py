"""The simulated source keeps a source's promises, and tells of jobs that the pilots of its target take."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from autopyfactory.errors import ConfigError, Unavailable
from autopyfactory.model import Order, Place, SiteStatus
from autopyfactory.sources.simulated import SimulatedSection, SimulatedSource, SimulatedWork
from autopyfactory.targets.simulated import SimulatedOptions, SimulatedPilot, SimulatedTarget
from autopyfactory.testing import SourceContract, until

Make = Callable[..., SimulatedSource]
NORTH, SOUTH = SimulatedWork(name="NORTH"), SimulatedWork(name="SOUTH")
STREAMS = {
    "NORTH": {"waiting": 5, "cores": 8, "run_time": {"mean": "1h"}},
    "SOUTH": {"waiting": 1, "status": [{"after": 0, "lasts": "1h", "status": "offline"}]},
}


def place(folder: Path) -> Place:
    return Place(section="pool", factory="us", logs="logs", state=str(folder))


@pytest.fixture
def make_source(tmp_path: Path) -> Iterator[Make]:
    """Makes sources that are closed in the end."""
    with ExitStack() as stack:

        def new(**words: Any) -> SimulatedSource:
            options = {"target": "pool", "work": STREAMS, "timeout": "30s", **words}
            source = SimulatedSource(SimulatedSection.model_validate(options), place(tmp_path))
            stack.callback(source.close)
            return source

        yield new


@pytest.fixture
def target(tmp_path: Path) -> Any:
    """A target with room for two pilots, whose simulator has started."""
    options = {"slots": 2, "queue_delay": {"mean": 0}, "timeout": "30s", "knows_idle": True}
    target = SimulatedTarget(SimulatedOptions.model_validate(options), place(tmp_path))
    target.supply([])
    yield target
    target.close()


class TestSimulatedSource(SourceContract):
    plugin = SimulatedSource

    @pytest.fixture
    def section(self, tmp_path: Path, target: SimulatedTarget) -> SimulatedSection:
        socket = tmp_path / "simulated" / "pool.socket"
        return SimulatedSection.model_validate({"socket": socket, "work": STREAMS, "timeout": "30s"})

    @pytest.fixture
    def works(self) -> list[SimulatedWork]:
        return [NORTH, SOUTH]


def test_pilots_of_the_target_take_its_jobs(make_source: Make, target: SimulatedTarget) -> None:
    wms = make_source()
    before = wms.demand([NORTH])[NORTH]
    assert (before.ready, before.ready_cores, before.running) == (5, 40, 0)
    target.submit(Order(queue="NORTH", pilot=SimulatedPilot(work="NORTH"), count=3, tag="tag"))
    assert until(lambda: wms.demand([NORTH])[NORTH].running == 2)
    after = wms.demand([NORTH])[NORTH]
    assert (after.ready, after.running_cores, after.status) == (3, 16, SiteStatus.ONLINE)
    supply = target.supply(["NORTH"])["NORTH"]
    assert (supply.pending, supply.running, supply.idle) == (1, 2, 0)
    assert wms.demand([SOUTH])[SOUTH].status is SiteStatus.OFFLINE


def test_pilots_that_name_no_work_of_it_only_run(make_source: Make, target: SimulatedTarget) -> None:
    wms = make_source()
    wms.demand([NORTH])
    target.submit(Order(queue="NORTH", pilot=SimulatedPilot(), count=2, tag="tag"))
    assert until(lambda: target.supply(["NORTH"])["NORTH"].running == 2)
    assert wms.demand([NORTH])[NORTH].ready == 5


def test_it_has_outages_of_its_own(make_source: Make, target: SimulatedTarget) -> None:
    with pytest.raises(Unavailable, match="outage"):
        make_source(outages=[{"after": 0, "lasts": "1h"}]).demand([NORTH])
    assert target.supply(["NORTH"])["NORTH"].pilots == 0


def test_without_its_target_nothing_is_known(make_source: Make) -> None:
    with pytest.raises(Unavailable, match="its target starts it"):
        make_source().demand([NORTH])


def test_a_trace_that_cannot_be_read_leaves_the_work_unknown(
    make_source: Make, tmp_path: Path, target: SimulatedTarget
) -> None:
    wms = make_source(work={"NORTH": {"trace": tmp_path / "gone.csv"}})
    with pytest.raises(Unavailable, match=r"gone.csv cannot be read"):
        wms.demand([NORTH])


def test_a_source_that_names_no_target_is_refused(make_source: Make) -> None:
    with pytest.raises(ConfigError, match="target: is missing"):
        make_source(target="")


def test_a_work_that_no_stream_has_is_refused_and_unknown(make_source: Make) -> None:
    wms, other = make_source(), SimulatedWork(name="NROTH")
    wms.check(NORTH)
    with pytest.raises(ConfigError, match="no work 'NROTH'; the source has NORTH, SOUTH"):
        wms.check(other)
    assert wms.demand([other]) == {}
