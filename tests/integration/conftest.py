"""Real pools and a grid for all integration tests, and a world whose files the jobs' owner can write."""

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest

from grid import Grid
from grid_security import Voms
from panda import Panda
from pools import FEW, SUITE, Pool, open_home, up

SERIAL = count(1)
VERSIONS = set[str]()  # of HTCondor, as the pools told them


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests of this folder are integration tests."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.integration)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which HTCondor it was, and how many pilots went through each kind of grid."""
    for version in sorted(VERSIONS):
        terminalreporter.write_line(f"HTCondor of Debian {SUITE}: {version}")
    ways = Counter(
        str(value)
        for report in terminalreporter.getreports("passed")
        for name, value in report.user_properties
        if name == "went through"
    )
    for way, number in ways.items():
        terminalreporter.write_line(f"{number:4} pilots went through {way}")


@contextmanager
def named(pool: Pool) -> Iterator[Pool]:
    """A pool that is up inside the block, and whose version is told in the end."""
    with up(pool):
        VERSIONS.add(pool.version)
        yield pool


@pytest.fixture(scope="session")
def pool() -> Iterator[Pool]:
    """A whole pool, in which jobs run."""
    with named(Pool("poolA")) as pool:
        yield pool


@pytest.fixture(scope="session")
def other_pool() -> Iterator[Pool]:
    """A second one, in which jobs wait for ever, and no more than 5000 are taken at once."""
    with named(Pool("poolB", daemons=FEW, extra="MAX_JOBS_PER_SUBMISSION = 5000\n")) as pool:
        yield pool


@pytest.fixture(scope="session")
def mortal_pool() -> Iterator[Pool]:
    """A pool whose master starts a schedd that died again at once, however often it dies."""
    extra = "MASTER_BACKOFF_CONSTANT = 1\nMASTER_BACKOFF_CEILING = 1\n"
    with named(Pool("poolM", daemons=FEW, extra=extra)) as pool:
        yield pool


@pytest.fixture(scope="session")
def grid() -> Iterator[Grid]:
    """A small grid: clusters, computing elements, a cloud, and the pool of a factory that reaches them."""
    with up(Grid()) as grid:
        yield grid


@pytest.fixture(scope="session")
def panda() -> Iterator[Panda]:
    """A PanDA server, with whatever jobs the test before left in it."""
    with up(Panda()) as server:
        yield server


@pytest.fixture(scope="session")
def voms() -> Iterator[Voms]:
    """A VOMS server of the VO `testvo`."""
    with up(Voms()) as server:
        yield server


@pytest.fixture
def factory() -> str:
    """The id of a factory that nobody had before."""
    return f"test-{os.getpid()}-{next(SERIAL)}"


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder whose `logs` the owner of the jobs may write in, and so in all that is made inside."""
    with open_home() as folder:
        yield folder
