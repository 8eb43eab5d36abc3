"""The work of a pilot that takes jobs from a queue, as many at a time as its cores allow."""

import time

from autopyfactory.clients.workstation.berth import Berth, Stage
from autopyfactory.clients.workstation.jobs import Claim, JobQueue
from autopyfactory.clients.workstation.launch import Setup
from autopyfactory.clients.workstation.payload import GRACE, Payload, say, stop
from autopyfactory.errors import Unavailable

LOOK = 0.5  # seconds between two looks for a job
STUBBORN = 300.0  # seconds to go on trying to tell the queue how a job ended
NOT_STARTED = 127  # exit code of what could not be started, as in a shell


class PulledJobs:
    """Jobs of a queue; `output` is the beginning of the names of their files of output."""

    def __init__(self, berth: Berth, setup: Setup, output: str) -> None:
        self._berth, self._setup, self._output = berth, setup, output
        self._queue = JobQueue(setup.jobs)
        self._running: dict[Payload, Claim] = {}
        self._ended: dict[Payload, float] = {}  # not yet noted in the queue, and since when
        self._began = self._busy = time.monotonic()
        self._next_look = 0.0
        self._trouble = ""

    def step(self) -> str:
        """Go on with the work; the reason to end, when there is one."""
        self._settle()
        if self._is_young():
            self._take()
        if self._running:
            self._busy = time.monotonic()
            return ""
        return self._rest()

    def stop(self, reason: str) -> None:
        """End what still runs; its jobs go back to the queue."""
        self._settle()
        for claim in self._running.values():
            say(f"stops job {claim.job.id}")
        stop(self._running, GRACE)
        for payload, claim in self._running.items():
            self._give_back(payload, claim, reason)

    def _is_young(self) -> bool:
        limit = self._setup.max_time
        return limit is None or time.monotonic() - self._began < limit

    def _free(self) -> int:
        """Cores without a job."""
        return self._setup.cores - sum(claim.job.cores for claim in self._running.values())

    def _rest(self) -> str:
        """Be idle; the reason to end when that is of no use any more."""
        if self._berth.stage is not Stage.IDLE and not self._berth.move(Stage.IDLE):
            return "retired"
        if not self._is_young():
            return "takes no further job after its max_time"
        if time.monotonic() - self._busy < self._setup.idle_exit:
            return ""
        return f"found no job for {self._setup.idle_exit:g} s"

    def _take(self) -> None:
        """Begin the jobs that wait and fit."""
        try:
            while self._free() > 0 and self._sees_job() and self._is_busy():
                identifier, label = self._berth.identifier, self._setup.label
                claim = self._queue.claim(identifier, label, self._free(), self._output)
                if claim is None:
                    return
                self._begin(claim)
        except Unavailable as error:
            self._complain(error)

    def _sees_job(self) -> bool:
        """Whether a job waits; looks again only after a while when there was none."""
        if time.monotonic() < self._next_look:
            return False
        label, cores = self._setup.label, self._free()
        found = self._queue.has_ready(label, cores)
        if not found and self._queue.recover():
            found = self._queue.has_ready(label, cores)
        if not found:
            self._next_look = time.monotonic() + LOOK
        return found

    def _is_busy(self) -> bool:
        """Become one that nobody retires for being idle, before it takes a job; whether it is."""
        return self._berth.stage is Stage.RUNNING or self._berth.move(Stage.RUNNING)

    def _begin(self, claim: Claim) -> None:
        job = claim.job
        say(f"begins job {job.id}: {' '.join(job.arguments)}")
        environment = {"APF_JOB": str(job.id), "APF_JOB_CORES": str(job.cores), "APF_JOB_LABEL": job.label}
        try:
            payload = Payload(
                job.arguments,
                output=job.output,
                directory=job.directory,
                environment=environment,
                keep=[claim.lock],
            )
        except OSError as error:
            say(f"job {job.id} failed: {error}")
            self._queue.finish(claim, NOT_STARTED, str(error))
            return
        self._running[payload] = claim

    def _settle(self) -> None:
        """Tell the queue of the jobs that ended, and do not give up easily."""
        now = time.monotonic()
        for payload, claim in list(self._running.items()):
            if not payload.has_ended():
                continue
            since = self._ended.setdefault(payload, now)
            try:
                self._finish(payload, claim)
            except Unavailable as error:
                self._complain(error)
                if now - since < STUBBORN:
                    continue
            del self._running[payload], self._ended[payload]
            self._next_look = 0.0

    def _finish(self, payload: Payload, claim: Claim) -> None:
        code = payload.reap()
        self._queue.finish(claim, code, f"ended by signal {-code}" if code < 0 else "")
        say(f"job {claim.job.id} ended with exit code {code}")

    def _give_back(self, payload: Payload, claim: Claim, reason: str) -> None:
        """Put a stopped job back; one that came to a good end after all is done."""
        try:
            if payload.has_ended() and payload.reap() == 0:
                self._queue.finish(claim, 0)
            elif payload.has_ended():
                self._queue.release(claim, f"its pilot {self._berth.identifier} ended: {reason}")
        except Unavailable as error:
            self._complain(error)

    def _complain(self, error: Unavailable) -> None:
        """Write a trouble down, once."""
        if str(error) != self._trouble:
            say(str(error))
        self._trouble = str(error)
