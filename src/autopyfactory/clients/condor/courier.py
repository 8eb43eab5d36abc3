"""A courier: fetches output of ended jobs, takes renewed proxies to others, removes those that got no files.

It has a thread and a child process of its own, so that a slow transfer delays no count and no act.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from autopyfactory.clients.condor.aside import Aside
from autopyfactory.clients.condor.client import Connection
from autopyfactory.errors import Closed, Unavailable

SPELL = 5.0  # seconds that one call goes on beginning new transfers
LONGEST = 300.0  # seconds between two tries, at most

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Whose jobs, and where their output goes."""

    where: str  # a constraint
    attributes: tuple[str, ...]  # that it names
    key: str  # the attribute by which troubles are told
    root: str  # folder below which output is written
    largest: int  # bytes of a file
    patience: float  # seconds after which files that have not reached the schedd never will


class Courier:
    """Sets out when it is prodded; `turn` is one tour, in its thread."""

    def __init__(
        self,
        connection: Connection,
        route: Route,
        timeout: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connection = connection
        self._route = route
        self._timeout = timeout
        what = f"the output of ended pilots at {connection.identity}"
        self._fetch = Aside(what, clock, share=0.0, longest=LONGEST, most=timeout)
        self._sweep = Aside(f"pilots without files at {connection.identity}", clock)
        self._refresh = Aside(f"the proxies of pilots at {connection.identity}", clock)
        self._stale = ""  # why a renewed proxy was not taken to a pilot
        self._failed: dict[str, list[str]] = {}  # reasons by key
        self._prodded = threading.Event()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None

    def prod(self) -> None:
        """Let it set out, or once more when it is on its way; returns at once."""
        self._prodded.set()
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="courier", daemon=True)
            self._thread.start()

    def turn(self) -> None:
        """Remove what will never begin, take renewed proxies along, and fetch while something comes."""
        where = {"where": self._route.where}
        swept = self._ask(self._sweep, "sweep", {**where, "age": self._route.patience})
        if swept is not None and swept["removed"]:
            schedd = self._connection.identity
            log.warning("%d pilots removed at %s, whose files never arrived there", swept["removed"], schedd)
        proxies = {**where, "attributes": self._route.attributes, "seconds": SPELL}
        taken = self._ask(self._refresh, "refresh", proxies)
        if taken is not None:
            self._stale = taken["failed"]
        order = {"key": self._route.key, "root": self._route.root, "largest": self._route.largest}
        while answer := self._ask(self._fetch, "fetch", {**where, **order, "seconds": SPELL}):
            self._failed = {}
            for key, reason in answer["failed"]:
                self._failed.setdefault(key, []).append(reason)
            if not answer["more"] or not answer["fetched"]:
                return

    def troubles(self, key: str) -> tuple[str, ...]:
        """Sentences for people."""
        told = []
        if reasons := self._failed.get(key, []):
            pilots = "pilot" if len(reasons) == 1 else "pilots"
            told.append(f"the output of {len(reasons)} ended {pilots} cannot be fetched: {reasons[0]}")
        if self._stale:
            told.append(f"a renewed proxy cannot be taken to the schedd: {self._stale}")
        return tuple(told)

    def close(self) -> None:
        """Let the child go, whatever it does; what was not fetched stays at the schedd."""
        self._closed.set()
        self._prodded.set()
        self._connection.close()

    def _work(self) -> None:
        while True:
            self._prodded.wait()
            self._prodded.clear()
            try:
                self.turn()
            except Closed:
                return

    def _ask(self, aside: Aside, name: str, order: Mapping[str, Any]) -> Mapping[str, Any] | None:
        return aside.ask(lambda seconds: self._call(name, order, seconds), self._timeout)

    def _call(self, name: str, order: Mapping[str, Any], seconds: float) -> Mapping[str, Any]:
        if self._closed.is_set():
            raise Closed("the courier is closed")
        try:
            answer: Mapping[str, Any] = self._connection.call(name, order, seconds=seconds)
        except Unavailable as error:
            if self._closed.is_set():
                raise Closed("the courier is closed") from error
            raise
        return answer
