"""Real HTCondor pools for tests and benchmarks: from the test bed, asked by HTCondor's own tools."""

import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol, TypeVar

import pytest

from autopyfactory.testing import until

TESTBED = Path(__file__).parent / "testbed"
SUITE = os.environ.get("APF_TEST_CONDOR", "trixie")
FEW = "MASTER COLLECTOR SCHEDD"


def reason_to_skip() -> str:
    """Why there can be no pool here; empty where there must be one."""
    if sys.platform == "linux" and platform.machine() == "x86_64":
        return ""
    return "the packages of the test bed run on Linux on x86-64 only"


class Pool:
    """One pool, up since `start`."""

    def __init__(
        self, name: str, *, daemons: str = "", extra: str = "", environment: Mapping[str, str] | None = None
    ) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="apf-pool-"))
        self.home.chmod(0o755)
        self.folder = self.home / name
        self.schedd = f"{name}@testbed"
        self.config = self.folder / "client_config"
        self._settings = {"TB_CONDOR": SUITE, "TB_DAEMONS": daemons}
        self._settings["TB_ENV"] = words_of(environment or {})
        if extra:
            self.configure(extra)

    def configure(self, extra: str) -> None:
        """Add to the configuration of its daemons, before they start."""
        more = self.home / "extra"
        more.write_text(extra)
        self._settings["TB_EXTRA"] = str(more)

    def start(self) -> None:
        """Bring it up, downloading HTCondor if this machine never had it."""
        self.bring_up("htcondor-up")

    def bring_up(self, script: str, *words: str) -> None:
        """Let a script of the test bed bring it up, where it was if it was up before."""
        settings = {name: value for name, value in self._settings.items() if value}
        port = self.folder / "port"
        again = [port.read_text().strip()] if port.exists() else []
        run([str(TESTBED / script), str(self.folder), *words, *again], settings)

    @contextmanager
    def down(self) -> Iterator[None]:
        """Inside the block its processes are gone; its queue, and its address, stay."""
        run([str(TESTBED / "htcondor-down"), str(self.folder)], {})
        try:
            yield
        finally:
            self.start()

    def stop(self) -> None:
        """End its processes and remove its files."""
        run([str(TESTBED / "htcondor-down"), str(self.folder), "--purge"], {})
        subprocess.run(["rm", "-rf", str(self.home)], check=True)

    @property
    def version(self) -> str:
        """The version that its schedd runs, as HTCondor writes it."""
        words = ["condor_status", "-schedd", "-af", "CondorVersion"]
        return self.tool(*words).strip().strip("$").strip()

    @property
    def collector(self) -> str:
        """Its address."""
        return f"127.0.0.1:{(self.folder / 'port').read_text().strip()}"

    @property
    def programs(self) -> Path:
        """The folder of HTCondor's tools."""
        words = (self.folder / "env.sh").read_text().split()
        found = next(word for word in words if word.startswith("PATH="))
        return Path(found.removeprefix("PATH=").split(":")[0])

    def tool(self, *words: str, check: bool = True) -> str:
        """What one of HTCondor's tools prints."""
        return run(
            [f"{self.programs}/{words[0]}", *words[1:]], {"CONDOR_CONFIG": str(self.config)}, check=check
        )

    def jobs(self, constraint: str = "true", *attributes: str) -> list[dict[str, Any]]:
        """The ads of jobs in the queue.

        Their identifiers are always among `attributes`: of two that look alike the tool shows one.
        """
        wanted = ["-attributes", ",".join(["ClusterId", "ProcId", *attributes])] if attributes else []
        text = self.tool("condor_q", "-allusers", "-json", "-constraint", constraint, *wanted)
        ads: list[dict[str, Any]] = json.loads(text or "[]")
        return ads

    def submit(self, count: int = 1, /, **commands: str) -> int:
        """Submit jobs with HTCondor's own tool; the cluster.  `My_X` stands for the attribute X."""
        lines = {"executable": "/bin/sleep", "arguments": "600", "request_memory": "1", "request_disk": "1"}
        lines |= {name.replace("My_", "+"): value for name, value in commands.items()}
        text = "".join(f"{name} = {value}\n" for name, value in lines.items())
        description = self.home / "description"
        description.write_text(f"{text}queue {count}\n")
        answer = self.tool("condor_submit", "-terse", str(description))
        return int(answer.split(".")[0])

    def clear(self) -> None:
        """Remove all jobs."""

        def is_empty() -> bool:
            self.tool("condor_rm", "-all", check=False)
            self.tool("condor_rm", "-forcex", "-all", check=False)
            return not self.jobs("true", "ProcId")

        assert until(is_empty), "jobs stay in the queue"

    def pid(self, program: str) -> int:
        """The process of one of its daemons."""
        master = (self.folder / "master.pid").read_text().strip()
        listed = run(["ps", "-o", "pid=,comm=", "--ppid", master], {})
        return next(int(line.split()[0]) for line in listed.splitlines() if line.split()[1] == program[:15])

    @contextmanager
    def stopped(self, program: str = "condor_schedd") -> Iterator[None]:
        """One of its daemons stands still inside the block."""
        with standing_still([self.pid(program)]):
            yield


class Startable(Protocol):
    """What can be brought up: a pool, a grid, a server."""

    def start(self) -> None:
        """Bring it up."""
        ...

    def stop(self) -> None:
        """End its processes and remove its files, also where it came up in part only."""
        ...


S = TypeVar("S", bound=Startable)


@contextmanager
def up(service: S) -> Iterator[S]:
    """Inside the block it is up; tests that want it are skipped where there can be none."""
    if reason := reason_to_skip():
        pytest.skip(reason)
    try:
        service.start()
        yield service
    finally:
        service.stop()


@contextmanager
def standing_still(pids: Collection[int]) -> Iterator[None]:
    """Processes do nothing inside the block, and are there; some may be gone."""
    send(pids, signal.SIGSTOP)
    try:
        yield
    finally:
        send(pids, signal.SIGCONT)


def send(pids: Collection[int], number: int) -> None:
    """Send a signal to processes, some of which may be gone."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


@contextmanager
def open_home() -> Iterator[Path]:
    """A folder whose `logs` the owner of the jobs may write in, and so in all that is made inside."""
    folder = Path(tempfile.mkdtemp(prefix="apf-test-"))
    folder.chmod(0o755)
    (folder / "logs").mkdir()
    (folder / "logs").chmod(0o1777)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def give(path: Path, owner: int) -> None:
    """Only the owner of the jobs may read a credential."""
    if os.getuid() == 0:
        os.chown(path, owner, -1)


def words_of(environment: Mapping[str, str]) -> str:
    """An environment as the scripts of the test bed take it."""
    return " ".join(f"{name}={value}" for name, value in environment.items())


def run(words: list[str], settings: Mapping[str, str], *, check: bool = True, timeout: float = 280.0) -> str:
    """What a program prints, with `settings` added to the environment."""
    environment = {**os.environ, **settings}
    done = subprocess.run(
        words, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout
    )
    if check and done.returncode:
        raise AssertionError(f"{words} failed with {done.returncode}: {done.stdout}{done.stderr}")
    return done.stdout
