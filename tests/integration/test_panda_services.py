"""The PanDA server of the test bed is a real one: it counts, tells roles apart, and gives jobs to pilots."""

import os
import subprocess

from autopyfactory.testing import until
from panda import Panda
from pools import TESTBED

ACTIVE = "statistics/active_job_detailed_stats_by_site"


def pilot(panda: Panda, *words: str) -> subprocess.CompletedProcess[str]:
    """A pilot with the proxy of the factory."""
    environment = {
        **os.environ,
        "PANDA_API_URL_SSL": panda.url,
        "X509_CERT_DIR": str(panda.certificates),
        "X509_USER_PROXY": str(panda.proxy),
    }
    program = [str(TESTBED / "panda-pilot"), *words]
    return subprocess.run(program, env=environment, capture_output=True, text=True, timeout=120)


def test_a_server_without_jobs_cannot_be_told_from_a_broken_one(panda: Panda) -> None:
    panda.jobs("clear")
    assert panda.ask(ACTIVE)["success"] is False


def test_pilots_take_what_is_activated_and_it_is_counted_no_more(panda: Panda) -> None:
    panda.jobs("queue", "SITE")
    panda.jobs("add", "SITE", "3")
    panda.jobs("add", "SITE", "1", "status=assigned")
    counts = panda.ask(ACTIVE)["data"]["SITE"]["SCORE"]["managed"]
    assert (counts["activated"], counts["assigned"]) == (3, 1)
    done = pilot(panda, "-q", "SITE", "--jobs", "3", "--sleep", "0")
    assert done.stdout.count("finished True") == 3, done.stdout + done.stderr
    assert until(lambda: "SITE finished SCORE managed 3" in panda.jobs("count"), 30)
    assert pilot(panda, "-q", "SITE").returncode == 82


def test_its_jobs_are_there_after_a_stop(panda: Panda) -> None:
    panda.jobs("queue", "SITE")
    panda.jobs("add", "SITE", "2", "type=MCORE", "cores=8")
    port = panda.port
    panda.halt()
    panda.start()
    assert panda.port == port
    assert panda.ask(ACTIVE)["data"]["SITE"]["MCORE"]["managed"]["activated"] == 2
