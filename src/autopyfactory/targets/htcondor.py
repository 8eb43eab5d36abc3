"""HTCondor as a target: pilots are jobs of a schedd, each marked with factory, queue and tag."""

import logging
import os
import socket
import time
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar

from autopyfactory.clients.condor.chronicle import Chronicle
from autopyfactory.clients.condor.client import (
    FACTORY,
    HELD,
    IDLE,
    REMOVED,
    RUNNING,
    Connection,
    need_bindings,
)
from autopyfactory.clients.condor.fields import Word
from autopyfactory.clients.condor.job import Marks, describe, text
from autopyfactory.clients.condor.log_folder import make_folder
from autopyfactory.clients.condor.options import Contact, Job
from autopyfactory.clients.condor.remarks import Remarks
from autopyfactory.clients.condor.words import string
from autopyfactory.errors import FactoryError, Unavailable, may_have_happened
from autopyfactory.model import Ended, Need, Order, Place, Supply
from autopyfactory.options import Flag, TargetSection

QUEUE, TAG = "MATCH_APF_QUEUE", "APF_TAG"
RECENT = 600.0  # seconds for which the start of a pilot is told
HISTORY = 86_400.0  # seconds back to look for the pilots of a tag that was not ours to give

log = logging.getLogger(__name__)


class Counted(StrEnum):
    """Whose pilots count."""

    OURS = "ours"
    ALL = "all"


class Sequel(StrEnum):
    """Which of equally useless pilots is retired first."""

    NEWEST = "newest"
    OLDEST = "oldest"


class HTCondorTargetOptions(Contact, TargetSection):
    """A schedd, local or remote."""

    count: Counted = Counted.OURS
    """Count this factory's pilots only, or those of every factory that uses the same queue names."""
    peaceful: bool = True
    """Never retire a pilot that runs."""
    retire: Sequel = Sequel.NEWEST
    """Which pilots are retired first, among those in the same state."""
    history: Flag = True
    """Read how pilots ended from the schedd's history, for policies such as throttle."""
    monitor: Word = ""
    """URL that pilots report to; they find it in APFMON."""
    user: Word = ""
    """Name of the factory's user; pilots find it in FACTORYUSER."""


class HTCondorTarget:
    """Pilots as jobs of one schedd, which runs them or hands them on; spoken to through a child process."""

    options = HTCondorTargetOptions
    pilot: ClassVar[type[Job]] = Job

    def __init__(self, options: HTCondorTargetOptions, place: Place) -> None:
        need_bindings()
        self._options = options
        self._place = place
        self._connection = Connection(options.identity)
        self._doubted: dict[str, float] = {}  # tags whose submission got no answer, and when it began
        self._warned: set[str] = set()
        self.gives = frozenset({Need.ENDED}) if options.history else frozenset[Need]()
        chronicle = Chronicle(make_record, ignored=self._farewell) if options.history else None
        self._remarks = Remarks(self._connection, chronicle)

    def supply(self, queues: Collection[str]) -> Mapping[str, Supply | Unavailable]:
        """Count by one grouped query for all queues; a second one tells when those that run began."""
        if not queues:
            return {}
        everybody = self._options.count is Counted.ALL
        where = f"{QUEUE} isnt undefined" if everybody else self._ours()
        deadline = time.monotonic() + self._options.timeout.total_seconds()
        answer = self._call(
            "tally",
            where=where,
            attributes=[] if everybody else [FACTORY],
            key=QUEUE,
            recent=RECENT,
            alone=not everybody,
        )
        counts: defaultdict[str, Counter[int]] = defaultdict(Counter)
        for queue, status, count in answer["rows"]:
            counts[queue][status] += count
        starts: defaultdict[str, list[float]] = defaultdict(list)
        for queue, moment, count in answer["starts"]:
            starts[queue] += [moment] * count
        clock = answer["clock"]
        self._remarks.update(where, QUEUE, clock, deadline)
        return {
            queue: replace(
                to_supply(counts[queue], starts[queue], clock),
                ended=self._remarks.ended(queue, clock) if self.gives else (),
                troubles=(*self._remarks.troubles(queue, clock), *answer["paused"].get(queue, ())),
            )
            for queue in queues
        }

    def tagged(self, tags: Collection[str]) -> Mapping[str, int]:
        """Pilots with these tags in the queue and in the history since their submission."""
        if not tags:
            return {}
        self._doubted = {tag: began for tag, began in self._doubted.items() if tag in tags}
        since = min(self._doubted.get(tag, time.time() - HISTORY) for tag in tags)
        found: Mapping[str, int] = self._call(
            "tagged", where=self._ours(), attribute=TAG, values=sorted(tags), since=since - RECENT
        )
        return found

    def submit(self, order: Order[Job]) -> Sequence[str]:
        """One transaction, one cluster."""
        marks = self._marks(order)
        make_folder(Path(self._place.logs).absolute(), Path(marks.folder))
        began = time.time()
        try:
            answer = self._call("submit", description=describe(order.pilot, marks), count=order.count)
        except FactoryError as error:
            if may_have_happened(error):
                self._doubted[order.tag] = began
            raise
        self._warn(order.queue, answer["warnings"])
        identifiers: list[str] = answer["identifiers"]
        return identifiers

    def render(self, order: Order[Job]) -> str:
        """The submit description that `submit` would hand to the schedd now; nothing is touched."""
        return text(describe(order.pilot, self._marks(order)), order.count)

    def retire(self, queue: str, count: int) -> Sequence[str]:
        """Those yet to be made, held ones, then those that wait; running ones only where not `peaceful`."""
        if count <= 0:
            return []
        running = () if self._options.peaceful else RUNNING
        gone: list[str] = self._call(
            "remove",
            where=f"{self._ours()} && {QUEUE} =?= {string(queue)}",
            states=[HELD, IDLE, *running],
            count=count,
            newest=self._options.retire is Sequel.NEWEST,
            reason=self._farewell,
        )
        return gone

    def probe(self) -> list[str]:
        """Whether the schedd answers, and the folder of pilot logs can be written."""
        self._call("hello")
        folder = Path(self._place.logs).absolute()
        there = next(parent for parent in (folder, *folder.parents) if parent.exists())
        if there.is_dir() and os.access(there, os.W_OK | os.X_OK):
            return []
        return [f"logs = '{folder}': we cannot write in '{there}'"]

    def close(self) -> None:
        """Let the child go, whatever it does."""
        self._connection.close()

    @property
    def _farewell(self) -> str:
        """The reason of a removal by us, which says nothing of the place where the pilot ran."""
        return f"retired by factory {self._place.factory}"

    def _ours(self) -> str:
        return f"{FACTORY} =?= {string(self._place.factory)}"

    def _call(self, name: str, **arguments: Any) -> Any:
        return self._connection.call(name, arguments, seconds=self._options.timeout.total_seconds())

    def _marks(self, order: Order[Job]) -> Marks:
        """What the pilots of an order carry; their files lie in a folder of the day and the queue."""
        tree = f"{datetime.now(UTC):%Y-%m-%d}/{order.queue}"
        return Marks(
            factory=self._place.factory,
            queue=order.queue,
            tag=order.tag,
            host=socket.gethostname(),
            folder=str(Path(self._place.logs).absolute() / tree),
            url=f"{self._place.url.rstrip('/')}/{tree}" if self._place.url else "",
            monitor=self._options.monitor,
            user=self._options.user,
            count=order.count,
        )

    def _warn(self, queue: str, warnings: Sequence[str]) -> None:
        """Say once what the submit language warns of."""
        for warning in warnings:
            if warning not in self._warned:
                self._warned.add(warning)
                log.warning("queue %s: HTCondor says of its pilot: %s", queue, warning)


def make_record(end: float, run_time: float, reason: str) -> Ended:
    """One pilot that ended."""
    return Ended(end=end, run_time=run_time, reason=reason)


def to_supply(counts: Mapping[int, int], starts: Sequence[float], clock: float) -> Supply:
    """What a queue's jobs by JobStatus come to."""
    running = sum(counts.get(status, 0) for status in RUNNING)
    return Supply(
        pending=counts.get(IDLE, 0),
        running=running,
        held=counts.get(HELD, 0),
        retiring=counts.get(REMOVED, 0),
        starts=tuple(sorted(starts)[max(0, len(starts) - running) :]),
        clock=clock,
    )
