"""The program that starts pilots: one for each submission, so that no interpreter starts for each pilot.

It reads a `Launch` from its standard input and forks the pilots, each of which is born locked, lives in a
session of its own with its keeper, and outlives everybody.  It needs nothing but Python's standard library.
"""

import os
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from autopyfactory.clients.workstation.berth import Berth
from autopyfactory.clients.workstation.keeper import adopt_orphans, keep
from autopyfactory.clients.workstation.launch import Launch, read
from autopyfactory.clients.workstation.pilot import STOPS, Pilot

FAILED = 1  # exit code when not all pilots were started; standard error says why
Fork = Callable[[], int]


def main(fork: Fork = os.fork) -> int:
    """Start the pilots; returns once in the launcher, and in each pilot when that ends."""
    launch = read(sys.stdin.read())
    wait_for_signals()
    if launch.seconds:
        signal.setitimer(signal.ITIMER_REAL, launch.seconds)  # no pilot inherits it
    try:
        Path(launch.logs).mkdir(parents=True, exist_ok=True)
        mine = start(launch, fork)
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        return FAILED
    if mine is not None:
        for file in launch.held:
            os.close(file)
        detach(f"{launch.logs}/{mine.identifier}")
        live(launch, mine, fork)
    return 0


def wait_for_signals() -> None:
    """Keep signals back for the pilot to take them, whatever this program was started with."""
    kept = {signal.SIGCHLD, *STOPS}
    signal.pthread_sigmask(signal.SIG_SETMASK, kept)
    for number in kept:
        signal.signal(number, signal.SIG_DFL)


def start(launch: Launch, fork: Fork) -> Berth | None:
    """Fork the pilots; the answer is `None` in the launcher, and in each pilot its berth."""
    for index in range(launch.count):
        birth = replace(launch.birth, serial=launch.birth.serial + index)
        berth = Berth(launch.folder, f"{launch.prefix}-{index}", birth)
        try:
            is_pilot = fork() == 0
        except OSError:
            berth.discard()
            raise
        if is_pilot:
            return berth
        berth.close()
    return None


def detach(output: str) -> None:
    """Leave the launcher's session, streams and folder."""
    os.setsid()
    os.chdir(Path(output).parent)
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    for number, name, mode in (
        (0, os.devnull, os.O_RDONLY),
        (1, f"{output}.out", flags),
        (2, f"{output}.err", flags),
    ):
        file = os.open(name, mode, 0o644)
        os.dup2(file, number)
        os.close(file)


def live(launch: Launch, berth: Berth, fork: Fork) -> None:
    """Be one of the pilots from its first to its last word, or its keeper."""
    os.environ["APFCID"] = berth.identifier
    os.environ["FACTORY_JOBID"] = f"{socket.gethostname()}#{berth.identifier}"
    if launch.url:
        os.environ["GTAG"] = f"{launch.url}/{berth.identifier}.out"
    adopt_orphans()
    if pilot := fork():
        keep(berth, pilot)
        return
    Pilot(berth, launch.setup, f"{launch.logs}/{berth.identifier}").run()
