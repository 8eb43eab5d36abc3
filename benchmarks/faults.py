"""W3, W4 and W5 of the baselines: what comes of a schedd that hangs, of queries that fail, and of kill -9.

Right are 25 pilots for every queue, at any time no more and in the end no fewer.  All run side by side,
each with a pool of its own: they wait most of the time.
"""

import os
import random
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from baselines import EMPTY, FAILING, HANGING, KILLED
from factories import Daemon, Setting, running, with_child
from figures import Figure, exactly
from htcondor import Raw, world
from processes import schedd

RIGHT = 25
PAUSE = threading.Event()  # never set


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A factory, its pool, and the bindings that count behind its back."""

    setting: Setting
    raw: Raw

    def counts(self) -> tuple[int, int]:
        """Pilots of all queues, and of the queue that has most."""
        constraint = f'APF_FACTORY == "{self.setting.factory}"'
        return self.raw.ask("count", constraint=constraint)[1], self.raw.ask("most", constraint=constraint)[1]

    def await_pilots(self, pilots: int, seconds: float) -> None:
        """Wait until there are so many, or until the time is over."""
        await_for(lambda: self.counts()[0] >= pilots, seconds)

    @property
    def right(self) -> int:
        """Pilots that there have to be."""
        return RIGHT * self.setting.queues


@contextmanager
def scene(queues: int, interval: float, period: float) -> Iterator[Scene]:
    """A pool of its own for one scene."""
    with world() as (config, raw, folder):
        setting = Setting(folder=folder / "w", config=config, queues=queues, interval=interval, period=period)
        yield Scene(setting=setting, raw=raw)


def run() -> list[Figure]:
    """All scenes at once."""
    os.umask(0)  # for all their folders
    scenes: list[Callable[[], list[Figure]]] = [
        lambda: hanging(at=1),
        lambda: hanging(at=RIGHT * 20),
        lambda: failing("error", at=0),
        lambda: failing("error", at=1),
        lambda: failing("empty", at=1),
        lambda: killed(20, 4, 12.0),
        lambda: killed(300, 6, 0.8),
    ]
    with ThreadPoolExecutor(len(scenes)) as pool:
        return [figure for figures in pool.map(lambda play: play(), scenes) for figure in figures]


def hanging(at: int) -> list[Figure]:
    """W3: the schedd stands still for 60 s, from the moment when so many pilots are there."""
    with scene(20, 30, 15) as here, running(here.setting):
        here.await_pilots(at, 180)
        process = schedd(here.setting.config)
        os.kill(process, signal.SIGSTOP)
        PAUSE.wait(60)
        os.kill(process, signal.SIGCONT)
        return ended(here, f"W3, stopped for 60 s at {at} pilots", 90, HANGING)


def failing(fault: str, at: int) -> list[Figure]:
    """W4: for two minutes queries fail, or come back empty, while submissions would work."""
    with scene(5, 15, 10) as here:
        switch = here.setting.folder.parent / "fault"
        if not at:
            switch.write_text(fault)
        with running(here.setting, with_child("faulty", "APF_BENCH_FAULT", switch)):
            here.await_pilots(at, 60)
            switch.write_text(fault)
            PAUSE.wait(120)
            _, most = here.counts()
            switch.unlink()
            name = f"W4, {fault} from {at} pilots on"
            during = exactly(f"{name}: too many in the fault", max(0, most - RIGHT), "pilots", 0, "one queue")
            return [during, *ended(here, name, 45, EMPTY if fault == "empty" else FAILING)]


def killed(queues: int, kills: int, latest: float) -> list[Figure]:
    """W5: kill -9 within `latest` seconds of the first pilots, and a start 2 s later."""
    dice = random.Random(queues)
    with scene(queues, 60, 60) as here:
        for _ in range(kills):
            kill(Daemon(here.setting), dice.uniform(0, latest))
            PAUSE.wait(2)
        with running(here.setting):
            return ended(here, f"W5, Q={queues}, {kills} times kill -9", 120, KILLED)


def kill(daemon: Daemon, seconds: float) -> None:
    """Kill a daemon so many seconds after it submitted for the first time."""
    await_for(lambda: ": submitted " in daemon.told(), 60)
    PAUSE.wait(seconds)
    daemon.kill()


def ended(here: Scene, name: str, seconds: float, baseline: str) -> list[Figure]:
    """What is there when all is, and has had time to become too much."""
    here.await_pilots(here.right, 300)
    PAUSE.wait(seconds)
    pilots, most = here.counts()
    how = f"{here.setting.queues} queues; baseline: {baseline}"
    return [
        exactly(f"{name}: pilots", pilots, "pilots", here.right, how),
        exactly(f"{name}: most", most, "pilots", RIGHT, "in one queue"),
    ]


def await_for(question: Callable[[], bool], seconds: float) -> None:
    """Look a few times a second until it is so, or until the time is over."""
    for _ in range(int(seconds * 4)):
        if question():
            return
        PAUSE.wait(0.25)
