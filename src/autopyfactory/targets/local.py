"""Pilots that are processes of this machine: a batch system for a workstation.

What is true of a pilot stands in the folder of pilots, and the pilot holds a lock there for life: see
`clients/workstation/berth.py` for how it is kept, and `clients/workstation/pilot.py` for what a pilot does.
"""

import os
import secrets
import shutil
import time
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar, Self

from pydantic import model_validator

from autopyfactory.clients.workstation.berth import Birth, Stage
from autopyfactory.clients.workstation.jobs import DEFAULT_FILE
from autopyfactory.clients.workstation.launch import Launch, Setup, run
from autopyfactory.clients.workstation.spool import LOST, Record, Spool
from autopyfactory.errors import ConfigError, Rejected, Unavailable
from autopyfactory.model import Ended, Need, Order, Place, Supply
from autopyfactory.options import Duration, Flag, PilotOptions, Positive, Table, TargetSection, Text

MARGIN = 0.8  # part of `timeout` that a launcher has
RECENT = 1000  # starts and ended pilots that an answer holds


class LocalSection(TargetSection):
    """Options of a target of kind `local`."""

    pilots: Path = Path("pilots")
    """Folder of the pilots' records, on a disk of this machine; a relative one lies in the factory's
    state folder.  Targets that share it share the slots."""
    slots: Positive | None = None
    """Cores that pilots may use at once, beyond which they wait; without it, as many as we may use."""
    peaceful: Flag = True
    """Whether pilots with a payload are spared when pilots retire; else they are stopped, and their
    jobs go back to the queue."""
    max_age: Duration = timedelta(seconds=1)
    """How old an answer may be before it is asked anew."""


class LocalPilot(PilotOptions):
    """One pilot: it takes jobs of a queue, or runs one program."""

    jobs: Path = Path(DEFAULT_FILE)
    """File of the job queue; a relative one lies in the factory's state folder."""
    label: str | None = None
    """Take only jobs of this label; without it, jobs of any."""
    idle_exit: Duration = timedelta(seconds=10)
    """How long it looks for a job before it ends."""
    max_time: Duration | None = None
    """Its age from which on it takes no further job; the ones that run are finished."""
    executable: str | None = None
    """A program to run instead of jobs."""
    arguments: tuple[Text, ...] = ()
    """The words that the program is given."""
    environment: Table = ()
    """Environment variables of the pilot and its payloads."""

    @model_validator(mode="after")
    def _arguments_need_a_program(self) -> Self:
        if self.arguments and self.executable is None:
            raise ValueError("arguments without executable: name the program, or leave them out")
        return self


class LocalTarget:
    """Starts pilots as processes that outlive the factory, and finds them again by their locks."""

    options: ClassVar[type[LocalSection]] = LocalSection
    pilot = LocalPilot
    gives = frozenset({Need.IDLE, Need.ENDED, Need.LIFETIME})

    def __init__(self, options: LocalSection, place: Place) -> None:
        self._options, self._place = options, place
        self._folder = str((Path(place.state) / options.pilots).absolute())
        self._spool = Spool(self._folder, place.factory)
        self._slots = options.slots or len(os.sched_getaffinity(0))

    def check(self, pilot: LocalPilot) -> None:
        """Raise `ConfigError` when such pilots can never run on this machine."""
        try:
            self._setup(pilot)
        except Rejected as error:
            raise ConfigError(str(error)) from error

    def supply(self, queues: Collection[str]) -> Mapping[str, Supply]:
        """Count from the records; one look at the folder for all queues."""
        if not queues:
            return {}
        records: dict[str, list[Record]] = defaultdict(list)
        for record in self._spool.records():
            records[record.queue].append(record)
        now = time.time()
        return {queue: summarise(records[queue], now) for queue in queues}

    def tagged(self, tags: Collection[str]) -> Mapping[str, int]:
        """Count from the records, in which ended pilots are kept for ten minutes at least."""
        if not tags:
            return {}
        return Counter(record.tag for record in self._spool.records() if record.tag in tags)

    def submit(self, order: Order[LocalPilot]) -> Sequence[str]:
        """Start the pilots by one launcher; what it came to is read from the records."""
        setup = self._setup(order.pilot)
        serial = self._next_serial(order.queue)
        now = datetime.now(UTC)
        day = f"{now:%Y-%m-%d}/{order.queue}"
        launch = Launch(
            folder=self._folder,
            prefix=f"{now:%Y%m%dT%H%M%S}-{secrets.token_hex(4)}",
            count=order.count,
            logs=str(Path(self._place.logs).absolute() / day),
            url=f"{self._place.url}/{day}" if self._place.url else "",
            birth=Birth(
                factory=self._place.factory,
                queue=order.queue,
                tag=order.tag,
                serial=serial,
                cores=setup.cores,
                submitted=now.timestamp(),
            ),
            setup=setup,
        )
        patience = self._options.timeout.total_seconds() * MARGIN
        trouble = run(launch, self._environment(order), patience)
        started = self._started(launch.prefix)
        if order.count and not started:
            raise Unavailable(f"no pilot was started: {trouble}", untouched=True)
        return started

    def retire(self, queue: str, count: int) -> Sequence[str]:
        """Tell pilots to end: waiting ones first, then idle ones, the youngest first."""
        stages = [Stage.PENDING, Stage.IDLE] + [Stage.RUNNING] * (not self._options.peaceful)
        records = [record for record in self._spool.records() if record.queue == queue]
        retired: list[str] = []
        for stage in stages:
            for record in reversed(records):
                if len(retired) < count and record.stage is stage and self._spool.retire(record):
                    retired.append(record.identifier)
        return retired

    def probe(self) -> list[str]:
        """What would keep it from starting pilots."""
        found = []
        for name, folder in (("pilots", Path(self._folder)), ("logs", Path(self._place.logs).absolute())):
            there = next(parent for parent in (folder, *folder.parents) if parent.exists())
            if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
                found.append(f"cannot write the folder of {name}, {folder}")
        return found

    def _setup(self, pilot: LocalPilot) -> Setup:
        """What the pilots are to do, or `Rejected` when this machine can never do it."""
        if pilot.cores > self._slots:
            raise Rejected(f"a pilot of {pilot.cores} cores never runs here: slots = {self._slots}")
        arguments: tuple[str, ...] = ()
        if pilot.executable is not None:
            program = shutil.which(pilot.executable)
            if program is None:
                raise Rejected(f"executable {pilot.executable!r} does not exist, or may not be executed")
            arguments = (str(Path(program).absolute()), *pilot.arguments)
        return Setup(
            slots=self._slots,
            cores=pilot.cores,
            arguments=arguments,
            jobs=str((Path(self._place.state) / pilot.jobs).absolute()),
            label=pilot.label,
            idle_exit=pilot.idle_exit.total_seconds(),
            max_time=None if pilot.max_time is None else pilot.max_time.total_seconds(),
        )

    def _environment(self, order: Order[LocalPilot]) -> dict[str, str]:
        """The environment of the pilots; the operator has the last word."""
        factory, queue = self._place.factory, order.queue
        ours = {"APF_FACTORY": factory, "APF_QUEUE": queue, "APF_TAG": order.tag}
        original = {"APFFID": factory, "PANDA_JSID": factory, "FACTORYQUEUE": queue}
        return {**os.environ, **original, **ours, **dict(order.pilot.environment)}

    def _next_serial(self, queue: str) -> int:
        """Tidy up, and find the number of the queue's next pilot."""
        try:
            records = self._spool.records()
            self._spool.prune()
        except (OSError, Unavailable) as error:
            raise Unavailable(str(error), untouched=True) from error
        return 1 + max((record.serial for record in records if record.queue == queue), default=0)

    def _started(self, prefix: str) -> list[str]:
        """The pilots of one submission that came to life."""
        mine = (record for record in self._spool.records() if record.identifier.startswith(prefix))
        return [record.identifier for record in mine if record.reason != LOST]


def summarise(records: Iterable[Record], now: float) -> Supply:
    """The supply of one queue."""
    by_stage: dict[Stage, list[Record]] = {stage: [] for stage in Stage}
    serial = 0
    for record in records:
        by_stage[record.stage].append(record)
        serial = max(serial, record.serial)
    idle, running = len(by_stage[Stage.IDLE]), by_stage[Stage.RUNNING]
    starts = sorted(record.began_monotonic for record in running if record.began_monotonic is not None)
    ended = [
        Ended(end=record.ended, run_time=record.run_time, reason=record.reason, pilot=record.identifier)
        for record in by_stage[Stage.ENDED]
        if record.ended is not None
    ]
    ended.sort(key=lambda pilot: pilot.end)
    return Supply(
        pending=len(by_stage[Stage.PENDING]),
        running=idle + len(running),
        retiring=len(by_stage[Stage.RETIRING]),
        idle=idle,
        starts=tuple(starts[-RECENT:]),
        ended=tuple(ended[-RECENT:]),
        lifetime=serial,
        clock=now,
    )
