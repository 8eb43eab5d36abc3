"""The factory of the benchmarks: many queues at one schedd, and work counted by a command."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
PATH = os.pathsep.join([str(HERE), *filter(None, [os.environ.get("PYTHONPATH")])])
APF = "import sys; from autopyfactory.app.cli import main; sys.argv[0] = 'apf'; main()"
APART = (
    "import os, sys; from autopyfactory.clients.condor.client import CLIENTS;"
    " os.environ['{variable}'] = '{file}'; CLIENTS.command = (sys.executable, '-P', '-m', '{module}'); "
)
READY = " runs "  # the line of the log that says that all queues have their threads

HEAD = """
[factory]
id = "{factory}"
state = "{folder}/state"
logs = "{folder}/logs"
log = "{folder}/log"
guard = {{ max_pilots = "unlimited", fall = {fall} }}

[source.work]
kind = "command"
command = ["{cat}", "{folder}/work.json"]
max_age = "{period}s"

[target.site]
kind = "htcondor"
config = "{config}"
timeout = "{timeout}s"
max_age = "{period}s"
guard = {{ per_minute = "unlimited", max_pilots = "unlimited" }}

[defaults]
interval = "{interval}s"
source = "work"
target = "site"
policies = [
    {{ kind = "ready" }},
    {{ kind = "scale", factor = {scale} }},
    {{ kind = "max_per_cycle", limit = 100 }},
    {{ kind = "min_per_cycle", limit = 0 }},
    {{ kind = "max_pending", limit = 25 }},
]

[defaults.htcondor.pilot]
executable = "/bin/sleep"
arguments = ["60"]
memory = "1MB"
disk = "1MB"
submit = {{ requirements = "False" }}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One factory; the defaults are the workload of the baselines."""

    folder: Path
    config: Path  # of the pool
    factory: str = "bench"
    queues: int = 1000
    ready: int = 40
    scale: float = 0.5
    fall: float = 0.5  # 1: pilots may vanish between two cycles
    interval: float = 60
    timeout: float = 60
    period: float = 60  # seconds that an answer of source or target is good for

    @property
    def names(self) -> list[str]:
        """Its queues."""
        return [f"SITE_{number:04d}" for number in range(self.queues)]

    @property
    def log(self) -> Path:
        """What the daemon tells."""
        return self.folder / "log"

    def write(self) -> Path:
        """Its configuration.  The folder is one that the owner of the jobs may write in."""
        self.folder.mkdir(mode=0o777, exist_ok=True)
        head = HEAD.format(
            cat=shutil.which("cat"),
            **{name: getattr(self, name) for name in self.__slots__},
        )
        queues = "".join(
            f'[queue.{name}]\nwork = {{ select = {{ site = "{name}" }} }}\n' for name in self.names
        )
        works = {f"w{number}": {"ready": self.ready} for number in range(1, self.queues + 1)}
        (self.folder / "work.json").write_text(json.dumps({"demand": works}))
        path = self.folder / "factory.toml"
        path.write_text(head + queues)
        return path


class Daemon:
    """`apf run` in a process of its own; `program` may put something in the way of it."""

    def __init__(self, setting: Setting, program: str = APF) -> None:
        self.setting = setting
        self._offset = setting.log.stat().st_size if setting.log.exists() else 0
        command = [sys.executable, "-c", program, "run", str(setting.write())]
        self._process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": PATH})

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    @property
    def is_ready(self) -> bool:
        """Whether its queues are at work."""
        return READY in self.told()

    def told(self) -> str:
        """What it has logged so far."""
        if self._process.poll() is not None:
            raise RuntimeError(f"the daemon has ended; see {self.setting.log}")
        if not self.setting.log.exists():
            return ""
        with self.setting.log.open() as log:
            log.seek(self._offset)
            return log.read()

    def kill(self) -> None:
        """End it as a power failure would."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        """Let it end."""
        self._process.terminate()
        self._process.wait(60)


def with_child(module: str, variable: str, file: Path) -> str:
    """`apf` with a module of the benchmarks for its child at HTCondor, which is told of a file."""
    return APART.format(module=module, variable=variable, file=file) + APF


@contextmanager
def running(setting: Setting, program: str = APF) -> Iterator[Daemon]:
    """A daemon inside the block."""
    daemon = Daemon(setting, program)
    try:
        yield daemon
    finally:
        daemon.stop()
