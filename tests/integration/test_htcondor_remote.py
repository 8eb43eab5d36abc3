"""Remote schedds: files are spooled there and fetched from there, and neither side reads the other's."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from autopyfactory.clients.condor.client import CLIENTS
from autopyfactory.clients.condor.options import Job
from autopyfactory.errors import FactoryError, Unavailable, may_have_happened
from autopyfactory.model import Order, Place
from autopyfactory.targets.htcondor import HTCondorTarget, HTCondorTargetOptions
from autopyfactory.testing import until
from daemons import apf, daemon, status
from far import Far
from pools import SUITE, TESTBED, Pool, run

PILOT = """#!/bin/sh
echo "$FACTORYQUEUE says hello"
echo "nothing is wrong" >&2
"""


@pytest.fixture
def far(pool: Pool, factory: str) -> Iterator[Far]:
    """A factory far from the pool."""
    made = Far(pool, factory)
    yield made
    pool.clear()
    made.remove()


QUEUE = """
[queue.{name}]
policies = [{{ kind = "fixed", count = {count} }}]
pilot = {{ executable = "{program}", memory = "1MB", disk = "1MB", submit = {{ {submit} }} }}
"""


def queue(far: Far, count: int, program: str = PILOT, submit: str = "", name: str = "SITE") -> str:
    """A queue that starts so many pilots in each cycle."""
    path = far.write(f"{name}.sh", program, 0o700)
    return QUEUE.format(name=name, count=count, program=path, submit=submit)


def start(far: Far, count: int, program: str = PILOT, submit: str = "", **options: str) -> None:
    """Start so many pilots by `apf once`; then configure a factory that starts no more."""
    far.configure(queue(far, count, program, submit), **options)
    done = apf("once", far.config, "SITE", prefix=far.prefix)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(jobs(far)) == count, done.stdout + done.stderr
    far.configure(queue(far, 0, program, submit), **options)


def jobs(far: Far, *attributes: str) -> list[dict[str, Any]]:
    """The factory's jobs at the schedd."""
    return far.pool.jobs(f'APF_FACTORY == "{far.factory}"', *attributes)


def test_ten_pilots_run_and_their_output_comes_back(far: Far) -> None:
    start(far, 10)
    with daemon(far.config, far.prefix):
        assert until(lambda: len(far.files("out")) == 10, 90), (status(far.config), jobs(far))
        assert until(lambda: not jobs(far, "ProcId"), 60)
    for kind, words in (("out", "SITE says hello\n"), ("err", "nothing is wrong\n")):
        assert [file.read_text() for file in far.files(kind)] == [words] * 10
    assert all("Job terminated" in file.read_text() for file in far.files("log"))


def test_neither_side_can_read_the_others_files(far: Far) -> None:
    start(far, 1, "#!/bin/sh\nsleep 600\n")
    assert until(lambda: [job["JobStatus"] for job in jobs(far, "JobStatus")] == [2], 60)
    spool = str(jobs(far, "Iwd")[0]["Iwd"])
    program = str(far.home / "SITE.sh")
    if not far.prefix:
        return  # one user runs both
    assert subprocess.run([*far.prefix, "ls", spool], capture_output=True).returncode
    owner = ("setpriv", "--reuid=tbpilot", "--clear-groups")
    assert subprocess.run([*owner, "cat", program], capture_output=True).returncode


def has_fetched(far: Far, count: int) -> bool:
    return len(far.files("out")) >= count


def test_a_daemon_that_is_killed_again_and_again_fetches_all_in_the_end(far: Far) -> None:
    start(far, 30, "#!/bin/sh\nsleep $(( $(echo $APFCID | cut -d. -f2) / 10 ))\necho done\n")
    for seen in (0, 5, 15):
        with daemon(far.config, far.prefix) as process:
            assert until(partial(has_fetched, far, seen), 90)
            process.send_signal(signal.SIGKILL)
    with daemon(far.config, far.prefix):
        assert until(lambda: len(far.files("out")) == 30, 90), (status(far.config), jobs(far))
        assert until(lambda: not jobs(far, "ProcId"), 60)
    assert {file.read_text() for file in far.files("out")} == {"done\n"}
    assert len(far.files("log")) == 30


def test_output_that_is_too_large_is_lost_and_says_so(far: Far) -> None:
    program = "#!/bin/sh\nhead -c 3000000 /dev/zero\n"
    start(far, 2, program, largest_output='"1MB"')
    with daemon(far.config, far.prefix):
        assert until(lambda: len(far.files("out")) == 2, 90), (status(far.config), jobs(far))
        assert until(lambda: not jobs(far, "ProcId"), 60)
    words = "A file of this pilot is larger than 1000000 bytes and was not fetched.\n"
    assert [file.read_text() for file in far.files("out")] == [words] * 2


# ---- files that do not arrive: the jobs of such a submission are held with code 16


Make = Callable[..., HTCondorTarget]


@pytest.fixture
def make(far: Far) -> Iterator[Make]:
    """Makes targets of the far factory, in this process."""
    made: list[HTCondorTarget] = []

    def make(**options: Any) -> HTCondorTarget:
        section = {"collector": far.pool.collector, "schedd": far.pool.schedd, "spool": True}
        section |= {"security": {"tokens": far.tokens}, **options}
        place = Place(section="far", factory=far.factory, logs=str(far.logs), state=str(far.home))
        made.append(HTCondorTarget(HTCondorTargetOptions.model_validate(section), place))
        return made[-1]

    yield make
    for target in made:
        target.close()


def order(program: Path, count: int = 3) -> Order[Job]:
    pilot = Job.model_validate({"executable": program, "memory": "1MB", "disk": "1MB"})
    return Order(queue="SITE", pilot=pilot, count=count, tag="tag-1")


def large(far: Far) -> Path:
    """A program that takes a moment to send."""
    program = far.write("large", "#!/bin/sh\n", 0o700)
    os.truncate(program, 100_000_000)
    return program


def sending(far: Far) -> bool:
    """Whether files are on their way to the schedd."""
    return any("StageInStart" in job for job in jobs(far, "StageInStart"))


DYING = """
import os, sys
from autopyfactory.clients.condor import calls, process
calls.send = lambda pool, result: os._exit(9)
process.main()
"""


def test_pilots_of_a_factory_that_died_before_it_sent_their_files_count_and_vanish(
    far: Far, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autopyfactory.targets.htcondor.SKEW", timedelta(0))
    target = make(timeout="5s", settle="0s")
    monkeypatch.setattr(CLIENTS, "command", (sys.executable, "-c", DYING))
    with pytest.raises(Unavailable, match="exit code 9") as error:
        target.submit(order(far.write("pilot.sh", PILOT, 0o700)))
    assert not error.value.untouched
    monkeypatch.undo()
    assert target.tagged(["tag-1"]) == {"tag-1": 3}
    supply = target.supply(["SITE"])["SITE"]
    assert (supply.pending, supply.held, supply.troubles) == (3, 0, ())
    assert until(
        lambda: not target.supply(["SITE"])["SITE"].pilots, 120
    )  # 65 s: 5 s, and what clocks may differ
    assert not jobs(far, "ProcId")


def test_pilots_vanish_when_their_sender_is_killed(far: Far, make: Make) -> None:
    target = make()
    with ThreadPoolExecutor() as pool:
        submission = pool.submit(target.submit, order(large(far), 20))
        assert until(lambda: sending(far))
        target.close()
        with pytest.raises(Unavailable):
            submission.result()
    assert until(lambda: not jobs(far, "ProcId"), 60)


def test_pilots_vanish_when_the_schedd_dies_while_it_receives_their_files(
    far: Far, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autopyfactory.targets.htcondor.SKEW", timedelta(0))
    target = make(timeout="10s", settle="0s")
    with ThreadPoolExecutor() as pool:
        submission = pool.submit(target.submit, order(large(far), 20))
        assert until(lambda: sending(far))
        os.kill(far.pool.pid("condor_schedd"), signal.SIGKILL)
        with pytest.raises(Unavailable):
            submission.result()

    def is_over() -> bool:
        try:
            return not target.supply(["SITE"])["SITE"].pilots
        except Unavailable:  # it is not up again
            return False

    assert until(is_over, 200)
    assert until(lambda: not jobs(far, "ProcId"))


def test_pilots_whose_files_cannot_be_sent_are_gone_at_once(far: Far, make: Make) -> None:
    target = make()
    program = far.write("pilot.sh", PILOT, 0o700)
    start = order(program)
    program.unlink()
    with pytest.raises(FactoryError) as error:
        target.submit(start)
    assert not may_have_happened(error.value)
    assert not jobs(far, "ProcId")


# ---- proxies


@pytest.fixture(scope="module")
def proxies(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """Two proxies, the second of which is valid for longer."""
    found = []
    for hours in ("2", "90"):
        folder = tmp_path_factory.mktemp("x509")
        run([str(TESTBED / "x509-make"), str(folder), "testvo"], {"TB_HOURS": hours})
        found.append((folder / "voms-proxy.pem").read_bytes())
    return found


DELEGATE = (
    "false" if SUITE == "trixie" else "true"
)  # with OpenSSL 3.5, HTCondor 23.9 cannot receive derived ones


def test_a_renewed_proxy_reaches_the_schedd_for_each_pilot(far: Far, proxies: list[bytes]) -> None:
    proxy = far.write("proxy.pem", proxies[0].decode())
    start(far, 2, "#!/bin/sh\nsleep 600\n", f'x509userproxy = "{proxy}"', delegate=DELEGATE)

    def hours() -> list[float]:
        told = [job.get("x509UserProxyExpiration", 0) for job in jobs(far, "x509UserProxyExpiration")]
        return [(end - time.time()) / 3600 for end in told]

    assert until(lambda: all(1.5 < left < 2 for left in hours()), 60), hours()
    with daemon(far.config, far.prefix):
        far.write("proxy.pem", proxies[1].decode())
        assert until(lambda: all(89 < left < 90 for left in hours()), 60), (status(far.config), hours())
    assert far.files("out") == []
