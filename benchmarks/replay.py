"""How long a month of a hundred queues takes to be decided anew: read, decided, cut and compared.

Reports are those of a busy pool with a cycle every minute; what the guard saw is in each of them.
"""

import functools
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import decisions
from figures import Figure, at_most, exactly

from autopyfactory.app.replay.open_loop import replay
from autopyfactory.app.replay.record import uncollected
from autopyfactory.app.replay.ruling import Ruling
from autopyfactory.app.replay.sums import Trial
from autopyfactory.cut import cut
from autopyfactory.history.reader import EVER, History
from autopyfactory.history.retention import Keep
from autopyfactory.history.writer import REPORTS, Writer
from autopyfactory.model import Report
from autopyfactory.view import Account, GuardView

sys.path.append(str(Path(__file__).parent.parent / "tests"))
from reported import CHAIN, Site  # the same reports that the tests are about

QUEUES = 10
CYCLES = 5 * REPORTS + 1  # of each: nearly all in blocks, as in a month
REPEATS = 15  # the best counts, for a busy machine only adds to it
MONTH = 30 * 24 * 60 * 100  # cycles of 100 queues, one a minute
DEFINITION = '{"interval": "1m"}'


def guarded(report: Report, number: int) -> Report:
    """With what the guard saw of two accounts, and cut by that."""
    left = 5000 - number % 100
    account = Account(
        place="ce01", pilots=5000 + number % 50, max_pilots=10_000, per_minute=6000, tokens=left, fair=left,
        waiting=0, retire_share=0.2, retire_least=10, retired=number % 7, retire_period=3600.0,
    )  # fmt: skip
    view = GuardView(accounts=(account, account._replace(place="", per_minute=None, tokens=0, fair=0)))
    assert report.decision is not None
    return replace(report, guard=view, decision=cut(report.decision, view), definition=DEFINITION)


def write(file: Path) -> None:
    """A history of some queues."""
    writer = Writer(file, Keep(days=100_000, bytes=10**12))
    for queue in range(QUEUES):
        for number, report in enumerate(Site(f"SITE_{queue}", interval=60.0).reports(CYCLES)):
            writer.add(guarded(report, number))
    writer.close()


def timed(history: History, queue: str, ruling: Ruling) -> float:
    """Seconds of CPU time for one decision of a queue."""
    began = time.process_time()
    trial = again(history, queue, ruling)
    return (time.process_time() - began) / trial.cycles


def again(history: History, queue: str, ruling: Ruling) -> Trial:
    """A queue decided anew."""
    return replay(history, queue, EVER, lambda _: ruling, lambda _: None)


def run() -> list[Figure]:
    """Another chain, of seven, for its time; and the own one, for its decisions."""
    rule = functools.partial(Ruling, when_unknown=None, cores=8, weight=1.0)
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder) / "history.sqlite")
        with History(Path(folder) / "history.sqlite") as history, uncollected():
            queues, other, own = history.queues(), rule(policies=decisions.CHAIN), rule(policies=CHAIN)
            times = [min(timed(history, queue, other) for _ in range(REPEATS)) for queue in queues]
            differ = sum(again(history, queue, own).differ for queue in queues)
    how = f"30 days x 100 queues x 60 s, chain of 7, from {QUEUES} x {CYCLES}, best of {REPEATS} of each"
    same = f"recorded and decided anew by the same chain, of {QUEUES * CYCLES}"
    return [
        at_most("replay: a month", statistics.mean(times) * MONTH, "s", 120, how),
        exactly("replay: other decisions", differ, "", 0, same),
    ]
