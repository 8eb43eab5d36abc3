"""A pilot of this machine: waits for its slots, works, and says why it ends."""

import os
import signal
from contextlib import suppress

from autopyfactory.clients.workstation.berth import Berth
from autopyfactory.clients.workstation.launch import Setup
from autopyfactory.clients.workstation.one_program import OneProgram
from autopyfactory.clients.workstation.payload import say
from autopyfactory.clients.workstation.pulled_jobs import PulledJobs
from autopyfactory.clients.workstation.slots import Slots

FAILED = "failed"  # of a pilot whose own program did
POLL = 0.2  # seconds between two looks at whether it was told to end
STOPS = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGHUP})


class Pilot:
    """One pilot; `output` is the beginning of the names of its files of output.

    The signals in `STOPS` and SIGCHLD must be blocked, for it takes them in its own time.
    """

    def __init__(self, berth: Berth, setup: Setup, output: str) -> None:
        self._berth, self._setup, self._output = berth, setup, output
        self._slots = Slots(berth.folder, setup.slots, setup.cores)

    def run(self) -> str:
        """Live, from the first wait to the last word, which it returns."""
        say(f"pilot {self._berth.identifier} is process {os.getpid()}, waits for {self._slots}")
        reason = FAILED
        try:
            reason = self._wait_for_slots() or self._work()
        finally:
            say(f"pilot ends: {reason}")
            self._berth.end(reason)
            self._slots.close()
        return reason

    def _wait_for_slots(self) -> str:
        """Wait for the slots; the reason to end before it had them."""
        while not self._slots.take():
            if reason := self._pause():
                return reason
        self._berth.begin()
        return ""

    def _work(self) -> str:
        """Work until there is a reason to end; what still runs then is stopped."""
        work: OneProgram | PulledJobs
        if self._setup.arguments:
            work = OneProgram(self._berth, self._setup.arguments, self._output)
        else:
            work = PulledJobs(self._berth, self._setup, self._output)
        reason = ""
        try:
            while not reason:
                reason = work.step() or self._pause()
        finally:
            work.stop(reason or FAILED)
        return reason

    def _pause(self) -> str:
        """Wait for something to happen, though not for long; the reason to end, if that is it."""
        heard = signal.sigtimedwait({signal.SIGCHLD, *STOPS}, POLL)
        if heard is not None and heard.si_signo in STOPS:
            return f"terminated by {signal.Signals(heard.si_signo).name}"
        with suppress(OSError):  # a full disk is no reason to give up the payload; soon it tries again
            self._berth.beat()
        return "retired" if self._berth.is_retired() else ""
