"""What one answer of a PanDA server costs: taken apart, and shared out among all queues."""

import json
import time
from itertools import product
from typing import Any

from figures import Figure, at_most

from autopyfactory.clients.panda.server import NOBODY, Access, unpack
from autopyfactory.clients.panda.statistics import ACTIVE
from autopyfactory.clients.web import Reply
from autopyfactory.fleet import Fleet
from autopyfactory.ledger import Ledger
from autopyfactory.model import Place
from autopyfactory.sections import Demands, Process
from autopyfactory.sources.panda import PandaSource, PandaSourceOptions, PandaWork

SITES = 500
QUEUES = 1000
REPEATS = 5
TYPES = ("SCORE", "SCORE_HIMEM", "MCORE", "MCORE_HIMEM")
LABELS = ("managed", "user", "prod_test", "rc_test2")
STATES = ("assigned", "activated", "sent", "starting", "running", "holding", "transferring")


class Recorded:
    """A server whose answers were recorded: what is measured is what becomes of their bytes."""

    def __init__(self) -> None:
        numbers = {state: 100 + place for place, state in enumerate(STATES)}
        jobs = {f"SITE_{n}": {t: dict.fromkeys(LABELS, numbers) for t in TYPES} for n in range(SITES)}
        parts = {
            f"SITE_{n}/{t}": {"status": "online", "coreCount": 8} for n, t in product(range(SITES), TYPES)
        }
        specs = {f"SITE_{n}": {"status": "online", "coreCount": 8} for n in range(SITES)} | parts
        self.replies = {ACTIVE: reply(jobs), "metaconfig/get_site_specs": reply(specs)}

    def get(self, call: str, seconds: float, access: Access = NOBODY, **query: str) -> Any:
        """As a server would."""
        return unpack(self.replies[call])


def reply(data: Any) -> Reply:
    """An answer as it comes over the network."""
    return Reply(status=200, body=json.dumps({"success": True, "message": "", "data": data}).encode())


def measure() -> float:
    """CPU seconds for one answer, from its bytes to the demand of every queue."""
    options = PandaSourceOptions(url="https://panda.example.org:25443")
    source = PandaSource(options, Place(section="panda", factory="us", logs="logs", state="state"))
    source._server = Recorded()  # type: ignore[assignment]
    works = [PandaWork(site=f"SITE_{n % SITES}", labels=LABELS[n % 2 : n % 2 + 2]) for n in range(QUEUES)]
    process = Process(clock=time.monotonic, fleet=Fleet(), ledger=Ledger(None))
    section = Demands("panda", source, options, process)
    section.watch(works)
    began = time.process_time()
    found = [section.read(work, max_age=60) for work in works]
    spent = time.process_time() - began
    section.close(1)
    if any(demand.ready <= 0 for demand in found):
        raise AssertionError("a queue has no demand")
    return spent


def run() -> list[Figure]:
    """The median of some repetitions."""
    spent = sorted(measure() for _ in range(REPEATS))[REPEATS // 2]
    how = (
        f"{SITES} sites, {len(TYPES)} types, {len(LABELS)} labels to {QUEUES} queues, specs too;"
        f" median of {REPEATS}"
    )
    return [at_most("panda answer", spent, "s CPU", 0.2, how)]
