"""The engine of a factory, as every command that runs cycles puts it together from a configuration."""

import itertools
import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from autopyfactory.app.assembly.assemble import Assembly, assemble
from autopyfactory.app.catalog.catalogs import Catalogs
from autopyfactory.app.control import runs
from autopyfactory.app.state import ACTS, FolderLock, default_folder, prepare
from autopyfactory.clients.inheritance import inherit
from autopyfactory.configs.toml import TomlConfig
from autopyfactory.configuration import Problem
from autopyfactory.cycle import Cycle
from autopyfactory.errors import ConfigError
from autopyfactory.fleet import Fleet
from autopyfactory.guard import Guard
from autopyfactory.ledger import Ledger
from autopyfactory.plan import Plan
from autopyfactory.sections import Process

PATIENCE = 75.0  # seconds for the children of a dead daemon to end: the longest of their calls, and some


class WrongConfig(ConfigError):
    """A configuration of which nothing can be run: all its problems, a line for each."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """A plan and what its cycles need, all of one process."""

    config: Path
    process: Process
    cycle: Cycle
    plan: Plan
    problems: tuple[Problem, ...]
    folder: Path
    catalogs: Catalogs

    @classmethod
    def build(cls, config: Path) -> "Engine":
        """Read and assemble; nothing is changed yet.  `ConfigError` when `[factory]` is wrong."""
        process = Process(clock=time.monotonic, fleet=Fleet(), ledger=Ledger())
        catalogs = Catalogs(process)
        assembly = assemble(catalogs.furnish(TomlConfig(config).read()), process)
        if assembly.plan is None:
            raise WrongConfig(assembly.problems)
        settings = assembly.plan.settings
        guard = Guard(process.fleet, process.clock)
        return cls(
            config=config,
            process=process,
            cycle=Cycle(guard=guard, clock=process.clock, wall=time.time, new_tag=Tags()),
            plan=assembly.plan,
            problems=assembly.problems,
            folder=settings.state or default_folder(settings.id),
            catalogs=catalogs,
        )

    def read_again(self, running: Plan) -> Assembly:
        """Another reading of the configuration, beside the plan that runs."""
        written = TomlConfig(self.config).read()
        return assemble(self.catalogs.furnish(written, running), self.process, running)

    def refresh(self, running: Plan) -> Assembly | None:
        """The configuration that runs with what its catalogues say now; None where that is the same."""
        before = running.configuration
        if before.written is None:
            return None
        now = self.catalogs.furnish(before.written, running)
        is_same = now.tables == before.tables and now.problems == before.problems
        return None if is_same else assemble(now, self.process, running)

    @contextmanager
    def acting(self, patience: float = PATIENCE) -> Iterator[FolderLock]:
        """Hold the right to act; what an earlier process left without an answer is taken over.

        Raises `Locked` at once when another daemon runs, else when the lock is not free in time.
        """
        prepare(self.folder)
        lock = FolderLock(self.folder)
        try:
            lock.take(patience, hopeless=lambda: runs(self.folder))
            inherit(lock.descriptor)
            self.process.ledger.keep(self.folder / ACTS)
            self.process.ledger.load(self.process.clock())
            yield lock
        finally:
            inherit()
            lock.release()


class Tags:
    """Makes tags that no other submission has: readable, and words in every batch system."""

    def __init__(self) -> None:
        self._process = secrets.token_hex(3)
        self._serial = itertools.count(1)

    def __call__(self) -> str:
        """Such as 'apf-300131-120000-9f3a1c-17': the time in UTC, this process, and a number."""
        return f"apf-{time.strftime('%y%m%d-%H%M%S', time.gmtime())}-{self._process}-{next(self._serial)}"
