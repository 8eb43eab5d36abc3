"""The daemon: a factory with a control socket, its signals, and its end in time."""

import logging
import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from queue import Empty, SimpleQueue
from types import FrameType
from typing import Any

from autopyfactory import __version__
from autopyfactory.app.assembly.assemble import Assembly
from autopyfactory.app.assembly.words import number
from autopyfactory.app.control import Answer, ControlSocket
from autopyfactory.app.ending import leave
from autopyfactory.app.logs import set_up
from autopyfactory.app.reload import differences, succeed
from autopyfactory.app.retention.cleaner import Cleaner
from autopyfactory.app.signals import signals
from autopyfactory.app.status import describe
from autopyfactory.app.summary import Summary
from autopyfactory.call import Call
from autopyfactory.errors import ConfigError, Unavailable
from autopyfactory.factory import Factory
from autopyfactory.fields import timestamp
from autopyfactory.garbage import settle
from autopyfactory.model import Report
from autopyfactory.options import MOST
from autopyfactory.plan import Plan
from autopyfactory.render import as_data
from autopyfactory.retirement import Wish
from autopyfactory.shared import say
from autopyfactory.worker import Worker

log = logging.getLogger(__name__)
Load = Callable[[Plan], Assembly | None]  # None: nothing changed

STOPPING = (signal.SIGTERM, signal.SIGINT)
SUMMARY = "(summary)"  # the name of our own monitor, which no section can have
TICK = 0.25  # seconds between two looks at whether it is done
SPEECH = 300.0  # seconds between two lines that say how it goes
SHARE = 0.9  # of the grace is the factory's; the rest is for what comes after it
LEAST = 1.0  # seconds that an end may take however short the grace is
COMPLAINTS = 20  # about a configuration that are logged
PATIENCE = 120.0  # seconds that a command waits for its reload


class Daemon:
    """Runs a plan until it is told to stop, or until it is done.

    The main thread does nothing but wait for requests: a signal, or a call to perform.  What may hang,
    reading the configuration for one, is done by others.  `end_within` is told, inside the signal to
    stop, in how many seconds the process has to end at the latest; `catalogs` tells how those do.
    """

    def __init__(
        self,
        factory: Factory,
        plan: Plan,
        load: Load,
        end_within: Callable[[float], None] = lambda _: None,
        catalogs: Callable[[], Mapping[str, Any]] = dict,
    ) -> None:
        self._factory = factory
        self._load = load
        self._end_within = end_within
        self._catalogs = catalogs
        self._reader = Worker("the reader of the configuration", time.monotonic)
        self._summary = Summary()
        self._plan = self._with_summary(plan)
        self._cleaner = Cleaner(self._plan)
        self._requests: SimpleQueue[signal.Signals | Call[Any]] = SimpleQueue()  # safe inside a signal
        self._since, self._is_stopping = time.time(), False
        self._told_to_stop: float | None = None  # monotonic
        self._broken: Mapping[str, str] | None = None  # why the last reload failed, and since when they do

    def run(self, folder: Path, until: Callable[[], bool] | None = None) -> bool:
        """Run until a signal, or until that is true, which is asked a few times a second.

        True if nothing had to be left behind that may still act.
        """
        control = ControlSocket(folder, self._answers())
        with signals((*STOPPING, signal.SIGHUP), self._signalled):
            try:
                self._factory.apply(self._plan)
                control.open()
                self._cleaner.start()
                settle()
                queues = number(len(self._plan.queues), "queue")
                log.info("version %s runs %s, pid %d", __version__, queues, os.getpid())
                log.info("the factory stops: %s", self._wait(until))
            finally:
                self._is_stopping = True
                self._turn_away()
                control.close()
                self._cleaner.stop()
                finished = self._stop()
        return finished

    def reload(self) -> Mapping[str, Any]:
        """Put a new reading of the configuration in place of the old: what changed, and what is wrong.

        Not for the main thread, which only swaps the plans.
        """
        call = Call("the reload", lambda: self._read(self._load))
        call.perform()
        self._broken = None if call.error is None else lament(call.error, self._broken)
        if call.error is not None:
            log.error("%s failed: %s", call.name, say(call.error))
        return call.wait(0.0)

    def refresh(self, load: Load) -> None:
        """Put what `load` makes in place of the plan that runs; where it fails, all stays as it is."""
        call = Call("the reading of the catalogues", lambda: self._read(load))
        with suppress(Unavailable):  # the daemon stops
            self._reader.put(call.name, call.perform).wait(PATIENCE)
        if call.error is not None:
            log.error("%s failed: %s", call.name, say(call.error))

    def status(self) -> Mapping[str, Any]:
        """How it goes."""
        about = {"version": __version__, "pid": os.getpid(), "since": timestamp(self._since)}
        whole = {"broken": self._broken, **describe(self._factory, self._plan)}
        return {**about, **whole, "catalogs": self._catalogs()}

    def _answers(self) -> Mapping[str, Answer]:
        return {
            "status": lambda _: self.status(),
            "once": lambda request: {"report": as_data(self._factory.once(str(request.get("queue", ""))))},
            "retire": lambda request: {"report": as_data(self._retire(request))},
            "definitions": lambda _: self._define(),
            "reload": lambda _: self._reader.put("the reload", self.reload).wait(PATIENCE),
        }

    def _define(self) -> Mapping[str, Any]:
        """As what everything is configured that runs."""
        definitions = {name: queue.definition for name, queue in self._plan.queues.items()}
        return {"definitions": definitions, "factory": self._plan.settings.model_dump(mode="json")}

    def _retire(self, request: Mapping[str, Any]) -> Report:
        count, hurried = request.get("count"), request.get("now") is True
        if type(count) is not int or not 1 <= count <= MOST:
            raise ConfigError(f"count: so many pilots, 1 to {MOST}; found {count!r}")
        return self._factory.retire(str(request.get("queue", "")), Wish(count=count, hurried=hurried))

    def _read(self, load: Load) -> Mapping[str, Any]:
        assembly = load(self._plan)
        if assembly is None:
            return {}
        plan = self._with_summary(succeed(self._plan, assembly))
        set_up(plan.settings)
        changed = self._request("the change of plan", lambda: self._swap(plan)).wait(PATIENCE)
        settle()
        complain([str(problem) for problem in assembly.problems])
        return {**changed, "problems": [asdict(problem) for problem in assembly.problems]}

    def _swap(self, plan: Plan) -> Mapping[str, Any]:
        changed = differences(self._plan, plan)
        self._factory.apply(plan)
        self._plan = self._cleaner.plan = plan
        words = [f"{number(len(names), 'queue')} {what}" for what, names in changed.items() if names]
        log.info("reloaded: %s", ", ".join(words) or "no queue changed")
        return changed

    def _request(self, name: str, run: Callable[[], Any]) -> Call[Any]:
        """Let the main thread run it."""
        call = Call(name, run)
        self._requests.put(call)
        if self._is_stopping:
            call.withdraw()
        return call

    def _turn_away(self) -> None:
        """Take nothing more on: who still waits for the main thread hears that at once."""
        self._reader.close()
        with suppress(Empty):
            while True:
                request = self._requests.get_nowait()
                if isinstance(request, Call):
                    request.withdraw()

    def _signalled(self, number: int, _: FrameType | None) -> None:
        """A second wish to stop is granted at once: acts under way stay in the ledger."""
        if number != signal.SIGHUP and self._is_stopping:
            leave(1)
        elif number != signal.SIGHUP:
            self._is_stopping = True
            self._told_to_stop = time.monotonic()
            self._end_within(max(LEAST, self._grace()))
        self._requests.put(signal.Signals(number))

    def _wait(self, until: Callable[[], bool] | None) -> str:
        """Perform what is asked, and speak now and then; the reason for the end."""
        due = time.monotonic() + SPEECH
        while until is None or not until():
            try:
                silence = max(0.0, due - time.monotonic())
                request = self._requests.get(timeout=silence if until is None else TICK)
            except Empty:
                request = None
            if request is signal.SIGHUP:
                self._reload_aside()
            elif isinstance(request, signal.Signals):
                return request.name
            elif request is not None:
                request.perform()
            if time.monotonic() >= due:
                due = time.monotonic() + SPEECH
                log.info("%s: %s", number(len(self._plan.queues), "queue"), self._summary.line())
        return "all is done"

    def _reload_aside(self) -> None:
        try:
            self._reader.put("the reload", self.reload)
        except Unavailable as error:
            log.error("the reload failed: %s", error)

    def _grace(self) -> float:
        return self._plan.settings.grace.total_seconds()

    def _stop(self) -> bool:
        grace = self._grace()
        late = 0.0 if self._told_to_stop is None else time.monotonic() - self._told_to_stop
        finished = self._factory.stop(max(0.0, grace * SHARE - late))
        if not finished:
            log.warning(
                "not all ended within %g s; acts without an answer are remembered as uncertain", grace
            )
        log.info("the factory has stopped: %s", self._summary.line())
        return finished

    def _with_summary(self, plan: Plan) -> Plan:
        return replace(plan, monitors={**plan.monitors, SUMMARY: self._summary})


def lament(error: Exception, before: Mapping[str, str] | None) -> Mapping[str, str]:
    """What `status` says of a configuration that cannot be loaded, with the moment when that began."""
    return {"since": before["since"] if before else timestamp(time.time()), "error": say(error)}


def complain(sentences: Sequence[str], level: int = logging.ERROR) -> None:
    """Log what is wrong with a configuration that runs all the same; the first ones, if there are many."""
    for sentence in sentences[:COMPLAINTS]:
        log.log(level, "configuration: %s", sentence)
    if len(sentences) > COMPLAINTS:
        log.log(level, "configuration: %d more; 'apf check' tells all", len(sentences) - COMPLAINTS)
