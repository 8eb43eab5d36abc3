"""A proxy is renewed while its pilot runs, in a pool or behind a CE: the pilot finds the new one."""

import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from cryptography import x509

import issuer
from autopyfactory.testing import until
from daemons import apf, daemon, status
from far import Far
from pools import SUITE, TESTBED, Pool, give, run

NEAR = """
[factory]
id = "{factory}"
state = "state"
logs = "logs"

[target.vanilla]
kind = "htcondor"
config = "{vanilla}"

[target.condor]
kind = "htcondor"
config = "{condor}"

[defaults]
"""
QUEUES = """
[credential.proxy]
kind = "file"
type = "x509"
path = "proxy.pem"

[defaults.htcondor]
credentials = ["proxy"]
pilot = {{ executable = "{pilot}", memory = "1MB", disk = "1MB" }}
"""
VANILLA = """
[queue.VANILLA]
{target}
policies = [{{ kind = "fixed", count = {count} }}]
"""
CONDOR = """
[queue.CONDOR]
{target}
policies = [{{ kind = "fixed", count = {count} }}]
"""
PILOT = """#!/bin/sh
first=$(cksum <"$X509_USER_PROXY")
for second in $(seq 300); do
    [ "$(cksum <"$X509_USER_PROXY")" = "$first" ] || break
    sleep 1
done
cat "$X509_USER_PROXY"
"""
DELEGATE = "false" if SUITE == "trixie" else "true"  # HTCondor 23.9 cannot, with its OpenSSL
Proxies = tuple[bytes, bytes]


@pytest.fixture(scope="module")
def proxies(tmp_path_factory: pytest.TempPathFactory) -> Proxies:
    """Two proxies: of two hours, and of ninety."""
    found = []
    for hours in ("2", "90"):
        folder = tmp_path_factory.mktemp("x509")
        run([str(TESTBED / "x509-make"), str(folder), "testvo"], {"TB_HOURS": hours})
        found.append((folder / "voms-proxy.pem").read_bytes())
    return found[0], found[1]


def hours(text: str) -> float:
    """How long all certificates of a proxy are valid still."""
    found = x509.load_pem_x509_certificates(text.encode())
    return (min(one.not_valid_after_utc for one in found).timestamp() - time.time()) / 3600


def running(pool: Pool) -> int:
    """How many jobs run, as far as that schedd knows."""
    return len(pool.jobs("JobStatus == 2", "ProcId"))


@pytest.fixture
def config(pool: Pool, other_pool: Pool, home: Path, factory: str) -> Iterator[Path]:
    """A factory beside its schedds; one runs pilots, the other hands them on to that."""
    (home / "pilot").write_text(PILOT)
    (home / "pilot").chmod(0o755)
    head = NEAR.format(factory=factory, vanilla=pool.config, condor=other_pool.config)
    head += QUEUES.format(pilot=home / "pilot")
    file = home / "factory.toml"
    queues = VANILLA.format(target='target = "vanilla"', count=1)
    queues += behind(pool).format(target='target = "condor"', count=1)
    file.write_text(head + queues)
    yield file
    other_pool.clear()
    pool.clear()


def behind(pool: Pool) -> str:
    """The queue whose pilots are handed on to a pool."""
    host, _, port = pool.collector.partition(":")
    place = f'host = "{host}", port = {port}, schedd = "{pool.schedd}"'
    return f'{CONDOR}pilot.grid = {{{{ kind = "condor", {place} }}}}\n'


def test_pilots_of_a_schedd_that_reads_the_file_find_the_new_proxy(
    config: Path, pool: Pool, other_pool: Pool, proxies: Proxies
) -> None:
    home = config.parent
    owner = (pool.folder / "condor_config").stat().st_uid
    give(issuer.keep(home / "proxy.pem", proxies[0]), owner)
    for queue in ("VANILLA", "CONDOR"):
        done = apf("once", config, queue)
        assert done.returncode == 0, done.stdout + done.stderr
    assert until(lambda: (running(pool), running(other_pool)) == (2, 1), 90)
    give(issuer.keep(home / "proxy.pem", proxies[1]), owner)
    outputs = [next((home / "logs").glob(f"*/{queue}")) for queue in ("VANILLA", "CONDOR")]
    for folder in outputs:
        assert until(partial(ended, folder), 90), folder
        (output,) = folder.glob("*.out")
        assert 89 < hours(output.read_text()) < 90, folder


def ended(folder: Path) -> bool:
    """Whether the pilot of a folder has, with its output."""
    return any("Job terminated" in log.read_text() for log in folder.glob("*.log"))


@pytest.fixture
def distant(pool: Pool, other_pool: Pool, factory: str, proxies: Proxies) -> Iterator[tuple[Far, Far]]:
    """Two factories far from their schedds, each with a proxy of two hours."""
    made = (Far(pool, f"{factory}-v"), Far(other_pool, f"{factory}-c"))
    for far, queue in zip(made, (VANILLA, behind(pool)), strict=True):
        far.write("proxy.pem", proxies[0].decode())
        far.configure(far_queues(far, queue, 1), delegate=DELEGATE)
    yield made
    other_pool.clear()
    pool.clear()
    for far in made:
        far.remove()


def far_queues(far: Far, queue: str, count: int) -> str:
    """One queue that starts so many pilots in each cycle, with the proxy."""
    program = far.write("pilot", PILOT, 0o700)
    return queue.format(target="", count=count) + QUEUES.format(pilot=program)


def has_come_back(far: Far) -> bool:
    """Whether the output of a far pilot has."""
    return len(far.files("out")) == 1


def test_pilots_that_were_spooled_find_the_new_proxy(
    distant: tuple[Far, Far], pool: Pool, other_pool: Pool, proxies: Proxies
) -> None:
    for far, queue in zip(distant, ("VANILLA", "CONDOR"), strict=True):
        done = apf("once", far.config, queue, prefix=far.prefix)
        assert done.returncode == 0, done.stdout + done.stderr
        far.config.write_text(far.config.read_text().replace("count = 1", "count = 0"))
    assert until(lambda: (running(pool), running(other_pool)) == (2, 1), 90)
    for far in distant:
        with daemon(far.config, far.prefix):
            far.write("proxy.pem", proxies[1].decode())
            assert until(partial(has_come_back, far), 120), status(far.config)
        (output,) = far.files("out")
        assert 89 < hours(output.read_text()) < 90, far.home
