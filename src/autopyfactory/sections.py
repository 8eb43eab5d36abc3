"""Sections: a source or a target of the configuration, wrapped so that queues can share it safely.

What a queue reads here is already as the core wants it: stamped with `as_of`, with held and uncertain
pilots added to where they count.
"""

import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from operator import attrgetter
from typing import Any

from autopyfactory.call import Call, Series
from autopyfactory.errors import Unavailable, may_have_happened
from autopyfactory.fleet import Fleet
from autopyfactory.ledger import Entry, Ledger
from autopyfactory.model import Clock, Demand, Order, Supply
from autopyfactory.options import HeldAs, Options, SourceSection, TargetSection
from autopyfactory.perform import Touch, perform, perform_each
from autopyfactory.ports import Target, WorkSource
from autopyfactory.shared import Shared
from autopyfactory.worker import Worker, start_thread


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """What belongs to the process and not to the plan: clocks, fleet, ledger, and who performs calls."""

    clock: Clock
    fleet: Fleet
    ledger: Ledger
    worker: Callable[[str, Clock], Worker] = Worker
    wall: Clock = time.time


class Section:
    """What sources and targets have in common: an end in two steps, and nobody waits longer than he must."""

    name: str
    plugin: object
    credentials: tuple["Section", ...] = ()  # that its plug-in was handed
    _shared: Shared[Any, Any]
    _closing: threading.Thread | None = None
    _released = False

    @property
    def title(self) -> str:
        """What messages call it: 'source wms', 'target ce01'."""
        return self._shared.name

    def close(self, patience: float) -> None:
        """Answer nobody any more; after the act under way, or `patience` seconds, let the plug-in go.

        Returns at once; closing a second time does nothing.
        """
        self._shared.close()
        if self._closing is not None:
            return
        try:
            self._closing = start_thread(f"closing {self.name}", lambda: self._let_go(patience))
        except Unavailable:  # no thread to be had: then here, and without patience
            self._let_go(0.0)

    def hurry(self) -> None:
        """After `close`: give up the act under way and let the plug-in go now."""
        self._shared.abandon()
        self._release()

    def join(self, seconds: float) -> bool:
        """After `close`: wait until the plug-in is let go; true if it is."""
        if self._closing is not None:
            self._closing.join(seconds)
        return self._closing is None or not self._closing.is_alive()

    def probe(self) -> list[str]:
        """What the plug-in itself finds wrong, without acting: a sentence for each trouble."""
        probe = getattr(self.plugin, "probe", None)
        return [] if probe is None else list(self._shared.act("the probe", probe).wait(self._shared.timeout))

    def _let_go(self, patience: float) -> None:
        if not self._shared.join(patience):
            self._shared.abandon()
        self._release()

    def _release(self) -> None:
        """Close a plug-in that can be closed, once."""
        if not self._released:
            self._released = True
            getattr(self.plugin, "close", lambda: None)()


class Demands(Section):
    """A work source, shared by the queues that name it."""

    plugin: WorkSource[Any]

    def __init__(self, name: str, plugin: WorkSource[Any], options: SourceSection, process: Process) -> None:
        self.name = name
        self.plugin = plugin
        self.options = options
        self._lag = options.lag.total_seconds()
        self._clock = process.clock
        self._shared: Shared[Options, Demand] = Shared(
            self._ask,
            max_age=options.max_age.total_seconds(),
            timeout=options.timeout.total_seconds(),
            worker=process.worker(f"source {name}", process.clock),
        )

    def watch(self, works: Collection[Options]) -> None:
        """Ask for all of these at once from now on."""
        self._shared.watch(works)

    def read(self, work: Options, *, max_age: float) -> Demand:
        """The demand for `work`, at most `max_age` seconds old, or `Unavailable`."""
        return self._shared.read(work, newer_than=float("-inf"), max_age=max_age)

    def _ask(self, works: Collection[Options]) -> Mapping[Options, Demand | Unavailable]:
        begun = self._clock()
        answer = self.plugin.demand(works)
        return {work: self._stamp(value, begun) for work, value in answer.items()}

    def _stamp(self, value: Demand | Unavailable, begun: float) -> Demand | Unavailable:
        if isinstance(value, Unavailable):
            return value
        if odd := implausible(value):
            return Unavailable(odd)
        return value if value.as_of else replace(value, as_of=begun - self._lag)


class Supplies(Section):
    """A target, shared by the queues that name it; its acts go through the same worker as its counts."""

    plugin: Target[Any]

    def __init__(self, name: str, plugin: Target[Any], options: TargetSection, process: Process) -> None:
        self.name = name
        self.plugin = plugin
        self.options = options
        self._process = process
        self._timeout = options.timeout.total_seconds()
        self._queues: frozenset[str] = frozenset()
        self._shared: Shared[str, Supply] = Shared(
            self._ask,
            max_age=options.max_age.total_seconds(),
            timeout=self._timeout,
            worker=process.worker(f"target {name}", process.clock),
        )

    def watch(self, queues: Collection[str]) -> None:
        """Ask for all of these at once from now on, and for those that left as long as they have pilots."""
        self._queues = frozenset(queues)
        self._shared.watch(self._queues | self._process.fleet.inhabited(self.name))

    def read(self, queue: str, *, newer_than: float, max_age: float) -> Supply:
        """The supply of `queue` in an answer begun at or after `newer_than`, or `Unavailable`."""
        supply = self._shared.read(queue, newer_than=newer_than, max_age=max_age)
        if supply.as_of < newer_than:
            raise Unavailable(f"{self.title} answers with a picture older than the last act of {queue}")
        return supply

    def submit(self, order: Order[Any]) -> Sequence[str]:
        """Submit; errors as the port says, `Unavailable` without `untouched` being uncertain."""
        entry = Entry(tag=order.tag, queue=order.queue, target=self.name, count=order.count)
        series = self._submit_each if hasattr(self.plugin, "submit_each") else None
        return self._act(entry, lambda: self.plugin.submit(order), series, (entry, order))

    def retire(self, tag: str, queue: str, count: int) -> Sequence[str]:
        """Retire; errors as for `submit`."""
        entry = Entry(tag=tag, queue=queue, target=self.name, count=count)
        return self._act(entry, lambda: self.plugin.retire(queue, count))

    def _act(
        self, entry: Entry, run: Touch, series: Series | None = None, matter: object = None
    ) -> Sequence[str]:
        """Line up an act and wait for it; without an answer it goes on as uncertain in the ledger."""
        call = None
        try:
            perform_it = partial(perform, self._process.ledger, entry, run)
            call = self._shared.act(f"the act {entry.tag}", perform_it, series, matter)
            return call.wait(self._timeout)
        except Exception as error:
            if may_have_happened(error):
                self._process.ledger.doubt(entry, call, self._process.clock())
            raise

    def _submit_each(self, calls: Iterator[Call[Any]]) -> None:
        """A series of submissions, for a plug-in that takes several at a time."""
        perform_each(self._process.ledger, calls, self.plugin.submit_each)  # type: ignore[attr-defined]

    def _ask(self, queues: Collection[str]) -> Mapping[str, Supply | Unavailable]:
        """Tags first, then the count: what is found is in it, and what comes in between counts twice."""
        begun = self._process.clock()
        ledger = self._process.ledger
        tags = ledger.tags(self.name)
        found = self.plugin.tagged(tags) if tags else {}
        answer = self.plugin.supply(queues)
        settle = self.options.settle.total_seconds()
        uncertain = ledger.found(self.name, found, begun, settle)
        whole = {
            queue: self._complete(value, uncertain.get(queue, 0), begun) for queue, value in answer.items()
        }
        counts = {queue: value for queue, value in whole.items() if isinstance(value, Supply)}
        self._process.fleet.saw(self.name, counts, begun)
        gone = {queue for queue in counts.keys() - self._queues if not counts[queue].pilots}
        if gone:
            self._process.fleet.forget(self.name, gone)
            self.watch(self._queues)
        return whole

    def _complete(self, value: Supply | Unavailable, uncertain: int, begun: float) -> Supply | Unavailable:
        if isinstance(value, Unavailable):
            return value
        if odd := implausible(value):
            return Unavailable(odd)
        if value.as_of and not (uncertain or value.held):
            return value
        held_as = self.options.held_as
        return replace(
            value,
            pending=value.pending + uncertain + (value.held if held_as is HeldAs.PENDING else 0),
            running=value.running + (value.held if held_as is HeldAs.RUNNING else 0),
            uncertain=uncertain,
            as_of=value.as_of or begun,
        )


COUNTS = {
    Demand: ("ready", "running", "held", "ready_cores", "running_cores", "held_cores"),
    Supply: ("pending", "running", "held", "retiring", "uncertain"),
}
READ = {kind: attrgetter(*names) for kind, names in COUNTS.items()}
MOST = 10**9  # jobs or pilots; more is a fault of who counts


def implausible(value: Demand | Supply) -> str:
    """What is no count among the counts, in words; empty when all are."""
    kind = type(value)
    for place, count in enumerate(READ[kind](value)):
        if type(count) is not int or not 0 <= count <= MOST:
            return f"{COUNTS[kind][place]} = {count!r} is no count"
    return ""
