"""HTCondor as a target: pilots are jobs of a schedd, each marked with factory, queue and tag."""

import logging
import os
import socket
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import tee
from pathlib import Path
from typing import Any, ClassVar

from autopyfactory.clients.condor.answers import by_queue, identifiers
from autopyfactory.clients.condor.chronicle import Chronicle
from autopyfactory.clients.condor.client import FACTORY, HELD, IDLE, REMOVED, RUNNING, Clients, need_bindings
from autopyfactory.clients.condor.courier import Courier, Route
from autopyfactory.clients.condor.descriptions import Description, Descriptions
from autopyfactory.clients.condor.job import Marks
from autopyfactory.clients.condor.log_folder import make_folder
from autopyfactory.clients.condor.options import Job
from autopyfactory.clients.condor.remarks import Remarks
from autopyfactory.clients.condor.section import Counted, JobsSection, Sequel
from autopyfactory.clients.condor.spool import HOLD_REASON
from autopyfactory.clients.condor.way import find_way
from autopyfactory.clients.condor.words import string
from autopyfactory.errors import ConfigError, Unavailable, may_have_happened, unpack
from autopyfactory.model import CredentialType, Ended, Need, Order, Place, Supply
from autopyfactory.options import TargetSection
from autopyfactory.ports import Prover

QUEUE, TAG = "MATCH_APF_QUEUE", "APF_TAG"
RECENT = 600.0  # seconds for which the start of a pilot is told
HISTORY = 86_400.0  # seconds back to look for the pilots of a tag that was not ours to give
SKEW = timedelta(minutes=1)  # between the schedd's clock and ours

log = logging.getLogger(__name__)


class HTCondorTargetOptions(JobsSection, TargetSection):
    """A schedd, local or remote."""


class HTCondorTarget:
    """Pilots as jobs of one schedd, which runs them or hands them on; spoken to through a child process."""

    options = HTCondorTargetOptions
    pilot: ClassVar[type[Job]] = Job
    proves: ClassVar[str] = "credential"
    takes: ClassVar[frozenset[CredentialType]] = frozenset({CredentialType.X509, CredentialType.TOKEN})

    def __init__(
        self, options: HTCondorTargetOptions, place: Place, credentials: Sequence[Prover] = ()
    ) -> None:
        need_bindings()
        self._options = options
        self._seconds = options.timeout.total_seconds()
        self._place = place
        self._logs = Path(place.logs).absolute()
        self._way = find_way(options.identity, place.state, credentials)
        self._connection = self._way.connect()
        self._doubted: dict[str, float] = {}  # tags whose submission got no answer, and when it began
        self._warned: set[str] = set()
        self.gives = frozenset({Need.ENDED}) if options.history else frozenset[Need]()
        chronicle = Chronicle(make_record, ignored=self._farewell) if options.history else None
        self._remarks = Remarks(self._connection, chronicle)
        self._courier = self._hire() if options.spool else None
        self._descriptions = Descriptions(options.keep_output if options.spool else None)

    def check(self, pilot: Job) -> None:
        """Pilots that are spooled exist before their files are sent, so none can be made later."""
        if self._options.spool and pilot.max_idle is not None:
            raise ConfigError("max_idle does not go with the section's spool = true; take one of them away")

    def supply(self, queues: Collection[str]) -> Mapping[str, Supply | Unavailable]:
        """Count by one grouped query for all queues; a second one tells when those that run began."""
        if not queues:
            return {}
        everybody = self._options.count is Counted.ALL
        where = f"{QUEUE} isnt undefined" if everybody else self._ours()
        attributes = [] if everybody else [FACTORY]
        deadline = time.monotonic() + self._seconds
        answer = self._call(
            "tally",
            where=where,
            attributes=[*attributes, HOLD_REASON] if self._options.spool else attributes,
            key=QUEUE,
            recent=RECENT,
            alone=not everybody,
        )
        counts, starts, clock = *by_queue(answer), answer["clock"]
        self._remarks.update(where, QUEUE, clock, deadline)
        if self._courier is not None:
            self._courier.prod()
        return {
            queue: to_supply(
                counts.get(queue, {}),
                starts.get(queue, ()),
                clock,
                ended=self._remarks.ended(queue, clock) if self.gives else (),
                troubles=(*self._troubles(queue, clock), *answer["paused"].get(queue, ())),
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
        [answer] = self.submit_each(iter([order]))
        return unpack(answer)

    def submit_each(self, orders: Iterator[Order[Job]]) -> Iterator[Sequence[str] | Exception]:
        """A transaction and a cluster for each; the next is described while the schedd works."""
        began = time.time()
        ahead, behind = tee(orders)
        answers = self._connection.each("submit", map(self._request, ahead), seconds=self._seconds)
        for answer, order in zip(answers, behind, strict=False):  # answers first: they take the orders
            if not isinstance(answer, Exception):
                self._warn(order.queue, answer["warnings"])
            elif may_have_happened(answer):
                self._doubted[order.tag] = began
            yield answer if isinstance(answer, Exception) else identifiers(answer)

    def _request(self, order: Order[Job]) -> Mapping[str, Any] | Exception:
        """What the child is asked, once there is a place for the pilots' logs."""
        description = self._describe(order)
        try:
            make_folder(self._logs, description.folder)
        except Unavailable as error:
            return error
        text, late = description.stamped(order.tag, order.count), description.is_late
        return {"description": text, "count": order.count, "spool": self._options.spool, "late": late}

    def render(self, order: Order[Job]) -> str:
        """The submit description that `submit` would hand to the schedd now; nothing is touched."""
        commands = self._describe(order).stamped(order.tag, order.count)
        return f"{commands}queue {order.count}\n"

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
        folder = self._logs
        there = next(parent for parent in (folder, *folder.parents) if parent.exists())
        if there.is_dir() and os.access(there, os.W_OK | os.X_OK):
            return []
        return [f"logs = '{folder}': we cannot write in '{there}'"]

    def close(self) -> None:
        """Let the children go, whatever they do."""
        self._connection.close()
        if self._courier is not None:
            self._courier.close()

    def _hire(self) -> Courier:
        """Who fetches output; in a child of its own, which no count waits for."""
        options = self._options
        route = Route(
            where=self._ours(),
            attributes=(FACTORY,),
            key=QUEUE,
            root=str(self._logs),
            largest=options.largest_output,
            patience=(options.timeout + options.settle + SKEW).total_seconds(),
        )
        return Courier(self._way.connect(Clients()), route, self._seconds)

    def _describe(self, order: Order[Job]) -> Description:
        queue, pilot = order.queue, order.pilot
        return self._descriptions.find(queue, pilot, order.credentials, lambda: self._marks(order))

    def _troubles(self, queue: str, clock: float) -> tuple[str, ...]:
        told = self._courier.troubles(queue) if self._courier else ()
        return self._remarks.troubles(queue, clock) + told

    @property
    def _farewell(self) -> str:
        """The reason of a removal by us, which says nothing of the place where the pilot ran."""
        return f"retired by factory {self._place.factory}"

    def _ours(self) -> str:
        return f"{FACTORY} =?= {string(self._place.factory)}"

    def _call(self, name: str, **arguments: Any) -> Any:
        return self._connection.call(name, arguments, seconds=self._seconds)

    def _marks(self, order: Order[Job]) -> Marks:
        """What the pilots of an order carry; their files lie in a folder of the day and the queue."""
        tree = f"{datetime.now(UTC):%Y-%m-%d}/{order.queue}"
        return Marks(
            factory=self._place.factory,
            queue=order.queue,
            host=socket.gethostname(),
            folder=f"{self._logs}/{tree}",
            url=f"{self._place.url.rstrip('/')}/{tree}" if self._place.url else "",
            monitor=self._options.monitor,
            user=self._options.user,
            proxy=str(order.credentials.get(CredentialType.X509, "")),
            token=str(order.credentials.get(CredentialType.TOKEN, "")),
        )

    def _warn(self, queue: str, warnings: Sequence[str]) -> None:
        """Say once what the submit language warns of."""
        for warning in warnings:
            if warning not in self._warned:
                self._warned.add(warning)
                log.warning("queue %s: HTCondor says of its pilot: %s", queue, warning)


def make_record(end: float, run_time: float, reason: str, pilot: str) -> Ended:
    """One pilot that ended."""
    return Ended(end=end, run_time=run_time, reason=reason, pilot=pilot)


def to_supply(counts: Mapping[int, int], starts: Sequence[float], clock: float, **beside: Any) -> Supply:
    """What a queue's jobs by JobStatus come to, with fields of the supply that are known otherwise."""
    running = sum(counts.get(status, 0) for status in RUNNING)
    return Supply(
        pending=counts.get(IDLE, 0),
        running=running,
        held=counts.get(HELD, 0),
        retiring=counts.get(REMOVED, 0),
        starts=tuple(sorted(starts)[max(0, len(starts) - running) :]),
        clock=clock,
        **beside,
    )
