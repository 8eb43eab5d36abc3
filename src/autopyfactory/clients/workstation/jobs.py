"""A queue of jobs in one SQLite file, from which the pilots of one machine take their work.

Whoever runs a job holds the lock of a small file beside the queue, and the job inherits it.  A running
job whose lock nobody holds has lost its pilot: it goes back to the queue, until that happened too often.
So a job never runs twice at the same time, not even when its pilot was killed and the job lives on.

The file must lie on a disk of this machine: neither SQLite's log nor the locks work over a network.
"""

import json
import os
import sqlite3
import time
from collections.abc import Collection, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from autopyfactory.clients import locks
from autopyfactory.clients.workstation import job_file
from autopyfactory.errors import ConfigError, Unavailable

DEFAULT_FILE = "jobs.sqlite"  # in the factory's state folder

INSERT = """
INSERT INTO job (label, arguments, directory, cores, attempts, added) VALUES (?, ?, ?, ?, ?, ?) RETURNING id
"""
SELECT = """
SELECT * FROM job
WHERE state IN (SELECT value FROM json_each(:states)) AND (:label IS NULL OR label = :label) ORDER BY id
"""
DELETE = """
DELETE FROM job
WHERE state IN (SELECT value FROM json_each(:states)) AND (:label IS NULL OR label = :label)
"""
COUNT = """
SELECT label, state, cores, COUNT(*) AS jobs FROM job
WHERE state IN (SELECT value FROM json_each(:states)) AND (:label IS NULL OR label = :label)
GROUP BY label, state, cores
"""
OLDEST = "SELECT id FROM job WHERE state = 'ready' AND cores <= :cores ORDER BY id LIMIT 1"
OLDEST_LABELLED = """
SELECT id FROM job WHERE state = 'ready' AND label = :label AND cores <= :cores ORDER BY id LIMIT 1
"""
CLAIM = """
UPDATE job SET state = 'running', starts = starts + 1, pilot = :pilot, output = :output, started = :now,
    ended = NULL, exit_code = NULL, reason = ''
WHERE id = :id RETURNING *
"""
SETTLE = """
UPDATE job SET state = ?, exit_code = ?, reason = ?, ended = ?
WHERE id = ? AND starts = ? AND state = 'running'
"""
LOSE = """
UPDATE job SET losses = losses + 1, ended = :now,
    state = CASE WHEN losses + 1 < attempts THEN 'ready' ELSE 'failed' END,
    reason = 'lost its pilot ' || pilot || ' (' || (losses + 1) || ' of ' || attempts || ' times)'
WHERE id = :id AND starts = :starts AND state = 'running'
"""


class State(StrEnum):
    """How far a job came."""

    READY = "ready"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


NOT_RUNNING = (State.READY, State.DONE, State.FAILED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One job; times are seconds since the epoch."""

    id: int
    label: str
    arguments: tuple[str, ...]
    directory: str  # where it starts; empty: where its pilot is
    cores: int
    attempts: int  # so many lost pilots, and it counts as failed
    state: State
    starts: int  # how often it was begun
    losses: int  # how often its pilot was lost
    pilot: str
    output: str  # its output is in the files of this name with .out and .err
    added: float
    started: float | None
    ended: float | None
    exit_code: int | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many jobs share label, state and cores."""

    label: str
    state: State
    cores: int
    jobs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A job that is ours to run, for as long as somebody has the file `lock` open."""

    job: Job
    lock: int


class JobQueue:
    """The jobs in one file.  Every call opens it anew: use it from any thread, before and after a fork.

    Every call but `add` raises `Unavailable` when the file is not there, and all do when it is no job
    queue or stays locked by others.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path).absolute()

    def add(
        self,
        arguments: Sequence[str],
        *,
        label: str = "",
        cores: int = 1,
        count: int = 1,
        directory: str = "",
        attempts: int = 3,
    ) -> list[int]:
        """Add a job `count` times and return the numbers; the first one makes the file."""
        if not arguments or not arguments[0]:
            raise ConfigError("a job needs a program to run")
        for name, number in (("cores", cores), ("count", count), ("attempts", attempts)):
            if number < 1:
                raise ConfigError(f"{name} = {number} of a job: write 1 or more")
        job_file.make(self.path)
        row = (label, json.dumps(list(arguments)), directory, cores, attempts, time.time())
        with job_file.opened(self.path, writes=True) as database:
            return [int(database.execute(INSERT, row).fetchone()["id"]) for _ in range(count)]

    def jobs(self, label: str | None = None, states: Collection[State] = tuple(State)) -> list[Job]:
        """The jobs in these states, oldest first; of one label, or of all."""
        with job_file.opened(self.path) as database:
            return [_job(row) for row in database.execute(SELECT, _selection(label, states))]

    def counts(self, label: str | None = None, states: Collection[State] = tuple(State)) -> list[Tally]:
        """The same jobs, counted in one pass."""
        with job_file.opened(self.path) as database:
            rows = database.execute(COUNT, _selection(label, states)).fetchall()
        return [
            Tally(label=row["label"], state=State(row["state"]), cores=row["cores"], jobs=row["jobs"])
            for row in rows
        ]

    def clear(self, label: str | None = None, states: Collection[State] = NOT_RUNNING) -> int:
        """Forget jobs and return how many; running ones, where asked for, run on without a record."""
        with job_file.opened(self.path, writes=True) as database:
            return database.execute(DELETE, _selection(label, states)).rowcount

    def has_ready(self, label: str | None = None, cores: int = 1) -> bool:
        """Whether a job waits that fits; cheaper than a claim, for it keeps nobody out."""
        with job_file.opened(self.path) as database:
            return _oldest(database, label, cores) is not None

    def claim(self, pilot: str, label: str | None = None, cores: int = 1, output: str = "") -> Claim | None:
        """Take the oldest ready job that fits, or `None`; its output goes to `output`.job<number>."""
        with ExitStack() as undo:
            with job_file.opened(self.path, writes=True) as database:
                found = _oldest(database, label, cores)
                if found is None:
                    return None
                facts = {"id": found, "pilot": pilot, "output": f"{output}.job{found}", "now": time.time()}
                job = _job(database.execute(CLAIM, facts).fetchone())
                lock = self._lock(job)
                undo.callback(os.close, lock)
            undo.pop_all()
        return Claim(job=job, lock=lock)

    def finish(self, claim: Claim, exit_code: int, reason: str = "") -> bool:
        """Note that a job ended, and give up its claim; `False` when nobody knows it any more."""
        return self._settle(claim, State.FAILED if exit_code else State.DONE, exit_code, reason)

    def release(self, claim: Claim, reason: str) -> bool:
        """Put an unfinished job back, which is no loss, and give up its claim."""
        return self._settle(claim, State.READY, None, reason)

    def recover(self) -> int:
        """Put the jobs of dead pilots back and return how many; those lost too often have failed."""
        with job_file.opened(self.path) as database:
            running = database.execute("SELECT id, starts FROM job WHERE state = 'running'").fetchall()
        lost = [row for row in running if not locks.is_held_at(self._claim_file(*row))]
        if not lost:
            return 0
        with job_file.opened(self.path, writes=True) as database:
            facts = [{"id": row["id"], "starts": row["starts"], "now": time.time()} for row in lost]
            changed = database.executemany(LOSE, facts).rowcount
        for row in lost:
            Path(self._claim_file(*row)).unlink(missing_ok=True)
        return changed

    def _settle(self, claim: Claim, state: State, exit_code: int | None, reason: str) -> bool:
        with job_file.opened(self.path, writes=True) as database:
            facts = (state, exit_code, reason, time.time(), claim.job.id, claim.job.starts)
            changed = database.execute(SETTLE, facts).rowcount
        Path(self._claim_file(claim.job.id, claim.job.starts)).unlink(missing_ok=True)
        os.close(claim.lock)
        return changed == 1

    def _claim_file(self, job: int, starts: int) -> str:
        """The file whose lock shows that a job runs; every start has its own, so that no two mix."""
        return f"{self.path}-claims/{job}.{starts}"

    def _lock(self, job: Job) -> int:
        name = self._claim_file(job.id, job.starts)
        try:
            Path(name).parent.mkdir(mode=0o700, exist_ok=True)
            lock = locks.open_locked(name)
        except OSError as error:
            raise Unavailable(f"job queue {self.path}: {error}") from error
        if lock is None:
            raise Unavailable(f"job queue {self.path}: somebody holds {name}")
        return lock


def _selection(label: str | None, states: Collection[State]) -> dict[str, str | None]:
    return {"label": label, "states": json.dumps(sorted(states))}


def _oldest(database: sqlite3.Connection, label: str | None, cores: int) -> int | None:
    query = OLDEST if label is None else OLDEST_LABELLED
    row = database.execute(query, {"label": label, "cores": cores}).fetchone()
    return None if row is None else int(row["id"])


def _job(row: sqlite3.Row) -> Job:
    facts = dict(row)
    return Job(**{**facts, "arguments": tuple(json.loads(row["arguments"])), "state": State(row["state"])})
