"""A schedd that stands still while it receives files: no pilot too many comes of it, and none is stranded."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest

from autopyfactory.testing import until
from daemons import daemon, status
from far import Far
from pools import Pool, run, standing_still

PILOTS = 8
TIMEOUT = 20  # seconds of the target
SIZE = 40_000_000  # bytes of a program that takes a moment to send
QUEUE = """
[queue.SITE]
policies = [{{ kind = "fixed", count = {count} }}, {{ kind = "max_to_run", limit = {count} }}]
pilot = {{ executable = "{program}", memory = "1MB", disk = "1MB" }}
"""


@pytest.fixture
def far(pool: Pool, factory: str) -> Iterator[Far]:
    """A factory far from the pool, that keeps pilots with a large program there."""
    far = Far(pool, factory)
    program = far.write("large", "#!/bin/sh\nexec sleep 600\n", 0o700)
    os.truncate(program, SIZE)
    far.configure(QUEUE.format(count=PILOTS, program=program))
    yield far
    pool.clear()
    far.remove()


def alive(far: Far) -> list[dict[str, Any]]:
    """Pilots at the schedd that run, or may come to run."""
    ours = f'APF_FACTORY == "{far.factory}"'
    return far.pool.jobs(
        f"{ours} && JobStatus != 3 && JobStatus != 4", "JobStatus", "StageInStart", "APF_TAG"
    )


def is_sending(far: Far) -> bool:
    """Whether files are on their way to the schedd."""
    return any("StageInStart" in job for job in alive(far))


@contextmanager
def stopped(pool: Pool) -> Iterator[None]:
    """The schedd stands still inside the block, and so do the processes that it receives files with."""
    with pool.stopped():
        words = ["ps", "-o", "pid=", "--ppid", str(pool.pid("condor_schedd"))]
        receivers = [int(pid) for pid in run(words, {}, check=False).split()]
        assert receivers
        with standing_still(receivers):
            yield


def tags(far: Far) -> set[str]:
    """The submissions that they came by."""
    return {job["APF_TAG"] for job in alive(far)}


def all_run(far: Far) -> bool:
    """Whether as many pilots run as are wanted; there are never more."""
    found = alive(far)
    assert len(found) <= PILOTS, found
    return [job["JobStatus"] for job in found] == [2] * PILOTS


def cycles(far: Far) -> int:
    """How many the queue has had."""
    report = status(far.config)["SITE"]["report"]
    return int(report["cycle"]) if report else 0


def has_had(far: Far, number: int) -> bool:
    assert len(alive(far)) == PILOTS
    return cycles(far) >= number


@pytest.mark.parametrize("seconds", [3, 30])
def test_a_schedd_that_is_stopped_while_it_receives_files_has_as_many_pilots_as_were_wanted(
    far: Far, seconds: float
) -> None:
    with daemon(far.config, far.prefix):
        assert until(partial(is_sending, far), 60)
        first = tags(far)
        with stopped(far.pool):
            time.sleep(seconds)
        assert until(partial(all_run, far), 150), (status(far.config), alive(far))
        assert until(partial(has_had, far, cycles(far) + 6), 60)
        report = status(far.config)["SITE"]["report"]
        last = tags(far)
    assert (report["uncertain"], report["error"]) == (0, None), report
    assert (last == first) == (seconds < TIMEOUT)  # given up, those of the first submission vanish
