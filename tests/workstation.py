"""Pilots of one machine for tests: real processes, real locks, and nobody left behind."""

import os
import re
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from autopyfactory.clients.workstation.berth import Berth, Birth, Stage
from autopyfactory.clients.workstation.jobs import JobQueue
from autopyfactory.clients.workstation.launch import Setup
from autopyfactory.clients.workstation.pilot import STOPS, Pilot
from autopyfactory.clients.workstation.spool import Record, Spool
from autopyfactory.model import Order, Place
from autopyfactory.targets.local import LocalPilot, LocalSection, LocalTarget
from autopyfactory.testing import until

QUEUE = "ALPHA"


def birth(**facts: Any) -> Birth:
    """The birth of a pilot, of which a test names what matters."""
    told = {"factory": "ours", "queue": QUEUE, "tag": "tag", "serial": 1, "cores": 1, "submitted": 1.0}
    return Birth(**{**told, **facts})


def make_pilot(folder: Path, **setup: Any) -> tuple[Berth, Pilot]:
    """A pilot that lives in this process, once it is run."""
    berth = Berth(str(folder / "pilots"), "pilot-0", birth())
    told = {"slots": 4, "cores": 1, "idle_exit": 0.0, "jobs": str(folder / "jobs.sqlite")}
    return berth, Pilot(berth, Setup(**{**told, **setup}), str(folder / "pilot-0"))


@contextmanager
def signals_kept() -> Iterator[None]:
    """Keep signals back for a pilot in this process, as the launcher does."""
    kept = {signal.SIGCHLD, *STOPS}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, kept)
    try:
        yield
    finally:
        while signal.sigtimedwait(kept, 0):
            pass
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Workstation:
    """One machine with its folders, its job queue, and targets of several factories."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.jobs = JobQueue(folder / "jobs.sqlite")
        self.pilots = folder / "pilots"

    def place(self, factory: str = "ours") -> Place:
        state, logs = self.folder / factory / "state", self.folder / factory / "logs"
        return Place(section="here", factory=factory, logs=str(logs), state=str(state), url="http://logs")

    def target(self, factory: str = "ours", **options: Any) -> LocalTarget:
        """A target as a daemon makes it when it starts; all share one folder of pilots."""
        told = {"pilots": self.pilots, "slots": 4, **options}
        return LocalTarget(LocalSection(**told), self.place(factory))

    def pilot(self, **options: Any) -> LocalPilot:
        """A pilot that takes jobs of this machine, and stays for a while."""
        return LocalPilot(**{"jobs": self.jobs.path, "idle_exit": "60s", **options})

    def order(self, count: int, pilot: LocalPilot | None = None, **facts: Any) -> Order[LocalPilot]:
        told = {"queue": QUEUE, "pilot": pilot or self.pilot(), "count": count, "tag": "tag", **facts}
        return Order(**told)

    def process(self, identifier: str) -> int:
        """The process of a pilot that lives, as its log tells it."""
        (log,) = self.folder.glob(f"*/logs/*/*/{identifier}.out")
        found: list[str] = []

        def told() -> bool:
            found.extend(re.findall(r"is process (\d+)", log.read_text()))
            return bool(found)

        assert until(told)
        return int(found[0])

    def kill(self, identifiers: Sequence[str], number: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal to pilots that live."""
        for identifier in identifiers:
            os.kill(self.process(identifier), number)

    def living(self, factory: str = "ours") -> list[Record]:
        """The pilots of a factory that have not ended."""
        records = Spool(self.pilots, factory).records()
        return [record for record in records if record.stage is not Stage.ENDED]

    def end_all(self) -> None:
        """End all pilots of all factories, with what they run, and wait until they are gone."""
        assert until(
            lambda: not [self.retire(factory) for factory in ("ours", "theirs") if self.living(factory)]
        )

    def retire(self, factory: str) -> None:
        """Tell all pilots of a factory to end, also those that run something."""
        for record in self.living(factory):
            Spool(self.pilots, factory).retire(record)
