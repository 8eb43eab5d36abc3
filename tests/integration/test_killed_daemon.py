"""A daemon that is killed at any moment, and started again, loses no pilot and doubles none.

`APF_TEST_ROUNDS` says how often it is killed.
"""

import os
import random
import signal
import time
from pathlib import Path

import pytest

from autopyfactory.testing import until
from daemons import daemon, status
from pools import Pool

ROUNDS = int(os.environ.get("APF_TEST_ROUNDS", "2"))
QUEUES = ("A", "B", "C")
PILOTS = 100

HEAD = """
[factory]
id = "{factory}"
state = "state"
logs = "logs"

[target.pool]
kind = "htcondor"
config = "{config}"
timeout = "10s"
settle = "2s"
max_age = "1s"
guard = {{ per_minute = "unlimited" }}

[defaults]
interval = "200ms"
target = "pool"
policies = [{{ kind = "keep_n_running", count = {pilots} }}]

[defaults.htcondor]
pilot = {{ executable = "/bin/sleep", arguments = ["600"], memory = "1MB", disk = "1MB"{pace} }}
"""
PACES = {"made-at-once": "", "made-bit-by-bit": ", max_idle = 5"}


def counted(pool: Pool, factory: str) -> dict[str, int]:
    """Pilots of each queue, as HTCondor itself tells."""
    wanted = ["ClusterId", "ProcId", "MATCH_APF_QUEUE", "APF_COUNT"]
    ads = pool.jobs(f'APF_FACTORY == "{factory}" && JobStatus != 3', *wanted)
    late = {ad["ClusterId"]: ad for ad in ads if "APF_COUNT" in ad}  # some of each are made
    whole = [*late.values(), *(ad for ad in ads if "APF_COUNT" not in ad)]
    return {
        queue: sum(ad.get("APF_COUNT", 1) for ad in whole if ad["MATCH_APF_QUEUE"] == queue)
        for queue in QUEUES
    }


def cycles(config: Path) -> dict[str, int]:
    """How many cycles each queue has had."""
    told = status(config)
    return {name: ((told.get(name) or {}).get("report") or {"cycle": 0})["cycle"] for name in QUEUES}


@pytest.mark.parametrize("pace", PACES.values(), ids=PACES.keys())
@pytest.mark.parametrize("turn", range(ROUNDS))
def test_a_killed_daemon_goes_on_where_it_was(
    other_pool: Pool, home: Path, factory: str, turn: int, pace: str
) -> None:
    dice = random.Random(turn)
    config = home / "factory.toml"
    queues = "".join(f"\n[queue.{name}]\n" for name in QUEUES)
    facts = {"factory": factory, "config": other_pool.config, "pilots": PILOTS, "pace": pace}
    config.write_text(HEAD.format(**facts) + queues)
    whole = dict.fromkeys(QUEUES, PILOTS)
    try:
        for _ in range(3):
            with daemon(config) as process:
                time.sleep(dice.uniform(0, 0.8))  # the moment is the point: before, in or after a submission
                process.send_signal(signal.SIGKILL)
        with daemon(config):
            assert until(lambda: counted(other_pool, factory) == whole, seconds=60), counted(
                other_pool, factory
            )
            before = cycles(config)
            assert until(lambda: all(cycles(config)[name] > before[name] + 8 for name in QUEUES))
            assert counted(other_pool, factory) == whole
    finally:
        other_pool.clear()
