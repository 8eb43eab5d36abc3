"""Proofs: a credential of the configuration, looked at before every use, renewed in a thread of its own."""

import logging
import random
import threading
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from autopyfactory.errors import Closed, Unavailable, Unproven, keep
from autopyfactory.fields import timestamp
from autopyfactory.model import CredentialType, Proof
from autopyfactory.options import CredentialSection, write_duration
from autopyfactory.ports import Credential
from autopyfactory.sections import Process, Section
from autopyfactory.shared import Shared, say
from autopyfactory.worker import start_thread

log = logging.getLogger(__name__)

FRESH = 2.0  # seconds for which a look is shared: a thousand queues that submit ask once
DEADLINE = 10.0  # seconds that a look may take; a file on a disk that hangs fails its queues, and no other
RHYTHM = 60.0  # seconds between two renewals, more or less, so that not all come at the same moment
LONGEST_PAUSE = 900.0  # seconds between two that fail
SKEW = 60.0  # seconds by which the clock of who issued it may be ahead of ours
LAST = 253_402_300_799.0  # the end of the year 9999; what ends later never ends
FIFTH = 0.2  # of its life
WEEK = 7 * 86_400.0  # seconds: a person has to get what it is renewed from
EVER = float("-inf")


class Proofs(Section):
    """A credential, shared by all who name it.

    `last` and `trouble` are what the last look came to, `failed` counts the renewals that failed in a row.
    """

    plugin: Credential

    def __init__(self, name: str, plugin: Credential, options: CredentialSection, process: Process) -> None:
        self.name = name
        self.plugin = plugin
        self.options = options
        self.last: Proof | None = None
        self.trouble = ""
        self.failed = 0
        self._wall = process.wall
        self._stopping = threading.Event()
        self._tending: threading.Thread | None = None
        self._shared: Shared[str, Proof] = Shared(
            self._ask,
            max_age=FRESH,
            timeout=DEADLINE,
            worker=process.worker(f"credential {name}", process.clock),
        )

    @property
    def type(self) -> CredentialType:
        """What it is."""
        return self.plugin.type

    def look(self) -> Proof:
        """The file as it is now, valid or not; `Unavailable` (untouched) where there is none.

        When the factory stops it is as it was last: those who have last words to say still need it.
        """
        try:
            return self._shared.read(self.name, newer_than=EVER, max_age=FRESH)
        except Closed:
            if self.last is None:
                raise
            return self.last
        except Unavailable as error:
            raise Unavailable(str(error), untouched=True) from error

    def read(self) -> Proof:
        """The file, valid now and for `minimum` more; `Unavailable` (untouched) says why there is none."""
        proof = self.look()
        fault = find_fault(proof, self._wall(), self.options.minimum)
        if fault:
            raise Unavailable(f"{self.title}: {fault}", untouched=True)
        return proof

    def tend(self) -> None:
        """Renew it from now on, and say when it cannot be used; a second call changes nothing.

        Raises `Unavailable` when the system has no thread for it.
        """
        if self._tending is None:
            self._tending = start_thread(f"renewal of {self.title}", self._tend, stack=0)

    def close(self, patience: float) -> None:
        """As any section; a renewal under way ends by itself, and nobody waits for it."""
        self._stopping.set()
        super().close(patience)

    def renew(self) -> None:
        """Renew once, if it is time, and look at what came of it: what was seen before does not count."""
        try:
            self.plugin.renew()
            self.failed = 0
        except Exception as error:
            self.failed += 1
            if self.failed & (self.failed - 1) == 0:  # the 1st, 2nd, 4th, 8th ...
                log.error("%s: renewal failed, %d in a row: %s", self.title, self.failed, say(keep(error)))
        self._shared.forget()
        self._note()

    def _tend(self) -> None:
        wait = 0.0
        while not self._stopping.wait(wait):
            self.renew()
            pause = min(RHYTHM * 2**self.failed, LONGEST_PAUSE) if self.failed < 10 else LONGEST_PAUSE
            wait = pause * random.uniform(0.8, 1.2)  # noqa: S311  # no secret

    def _ask(self, asked: Collection[str]) -> Mapping[str, Proof]:
        return dict.fromkeys(asked, self.plugin.proof())

    def _note(self) -> None:
        """Say what somebody has to act on, each time that it changes."""
        before, proof, level = self.trouble, None, logging.ERROR
        try:
            proof = self.read()
            trouble = find_end(proof, self._wall(), self.options.warn)
            level = logging.WARNING
        except Closed:
            return
        except Unavailable as error:
            trouble = str(error).removeprefix(f"{self.title}: ")
        self.last, self.trouble = proof or self.last, trouble
        if trouble and trouble != before:
            log.log(level, "%s: %s", self.title, trouble)
        elif before and not trouble and proof is not None:
            log.info("%s can be used again: valid until %s", self.title, write_end(proof.end))


def prove(credentials: Sequence[Proofs]) -> dict[CredentialType, Path]:
    """The first valid file of each type; `Unproven` (untouched) when there is none of a type."""
    found: dict[CredentialType, Path] = {}
    faults: dict[CredentialType, list[Unavailable]] = {}
    for credential in credentials:
        if credential.type in found:
            continue
        try:
            found[credential.type] = credential.read().path
        except Unavailable as error:
            faults.setdefault(credential.type, []).append(error)
    missing = [error for kind, errors in faults.items() if kind not in found for error in errors]
    if missing:
        raise Unproven("; ".join(map(str, missing)), untouched=True) from missing[0]
    return found


def find_fault(proof: Proof, now: float, minimum: timedelta) -> str:
    """Why it cannot be used at `now` (seconds since the epoch), in words; empty if it can."""
    end = write_end(proof.end)
    if proof.end <= now:
        return f"{proof.path} expired at {end}"
    if proof.end - now < minimum.total_seconds():
        return f"{proof.path} ends at {end}, too soon: minimum = '{write_duration(minimum)}'"
    if proof.begin > now + SKEW:
        return f"{proof.path} is not valid before {write_end(proof.begin)}"
    return ""


def find_end(proof: Proof, now: float, warn: timedelta | None) -> str:
    """The warning that it ends soon, or can soon not be renewed; empty while that is far."""
    early = (proof.end - proof.begin) * FIFTH if warn is None else warn.total_seconds()
    if proof.end <= LAST and proof.end - now <= early:
        return f"{proof.path} ends at {write_end(proof.end)}"
    if proof.last <= LAST and proof.last - now <= WEEK:
        return f"{proof.path} is renewed from what ends at {write_end(proof.last)}"
    return ""


def write_end(moment: float) -> str:
    """'2030-01-31T12:00:00Z', or 'never'."""
    return "never" if moment > LAST else timestamp(moment)
