"""Real pools and a grid for all integration tests, and a world whose files the jobs' owner can write."""

import os
from collections import Counter
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import TypeVar

import pytest

import pools
from grid import Grid
from grid_security import Voms
from panda import Panda
from pools import Pool

SERIAL = count(1)
VERSIONS = set[str]()  # of HTCondor, as the pools told them
Real = TypeVar("Real", Pool, Grid)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests of this folder are integration tests."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.integration)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which HTCondor it was, and how many pilots went through each kind of grid."""
    for version in sorted(VERSIONS):
        terminalreporter.write_line(f"HTCondor of Debian {pools.SUITE}: {version}")
    ways = Counter(
        str(value)
        for report in terminalreporter.getreports("passed")
        for name, value in report.user_properties
        if name == "went through"
    )
    for way, number in ways.items():
        terminalreporter.write_line(f"{number:4} pilots went through {way}")


def brought_up(pool: Real) -> Iterator[Real]:
    if reason := pools.reason_to_skip():
        pytest.skip(reason)
    try:
        pool.start()
        VERSIONS.update([pool.version] if isinstance(pool, Pool) else [])
        yield pool
    finally:
        pool.stop()


@pytest.fixture(scope="session")
def pool() -> Iterator[Pool]:
    """A whole pool, in which jobs run."""
    yield from brought_up(Pool("poolA"))


@pytest.fixture(scope="session")
def other_pool() -> Iterator[Pool]:
    """A second one, in which jobs wait for ever, and no more than 5000 are taken at once."""
    yield from brought_up(Pool("poolB", daemons=pools.FEW, extra="MAX_JOBS_PER_SUBMISSION = 5000\n"))


@pytest.fixture(scope="session")
def mortal_pool() -> Iterator[Pool]:
    """A pool whose master starts a schedd that died again at once, however often it dies."""
    extra = "MASTER_BACKOFF_CONSTANT = 1\nMASTER_BACKOFF_CEILING = 1\n"
    yield from brought_up(Pool("poolM", daemons=pools.FEW, extra=extra))


@pytest.fixture(scope="session")
def grid() -> Iterator[Grid]:
    """A small grid: clusters, computing elements, a cloud, and the pool of a factory that reaches them."""
    yield from brought_up(Grid())


@pytest.fixture(scope="session")
def panda() -> Iterator[Panda]:
    """A PanDA server, with whatever jobs the test before left in it."""
    server = Panda()
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def voms() -> Iterator[Voms]:
    """A VOMS server of the VO `testvo`."""
    server = Voms()
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture
def factory() -> str:
    """The id of a factory that nobody had before."""
    return f"test-{os.getpid()}-{next(SERIAL)}"


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder whose `logs` the owner of the jobs may write in, and so in all that is made inside."""
    with pools.open_home() as folder:
        yield folder
