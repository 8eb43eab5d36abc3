"""Configurations that need nothing but this machine, and daemons that run them in processes of their own."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from autopyfactory.app.control import ask, runs
from autopyfactory.errors import FactoryError
from autopyfactory.testing import until

APF = (sys.executable, "-c", "from autopyfactory.app.cli import main; main()")
HEAD = """
[factory]
id = "site-one"
state = "state"

[target.here]
kind = "local"

[defaults]
interval = "100ms"
target = "here"
policies = [{ kind = "fixed", count = 0 }]
"""
HANGING = """
[factory]
id = "site-one"
state = "state"

[target.here]
kind = "command"
command = ["sleep", "1000"]
timeout = "1m"

[defaults]
interval = "100ms"
target = "here"
policies = [{ kind = "fixed", count = 1 }]
"""


def write(folder: Path, queues: Sequence[str] = ("A",), head: str = HEAD, tail: str = "") -> Path:
    """A configuration with these queues in a folder."""
    config = folder / "factory.toml"
    config.write_text(head + "".join(f"\n[queue.{name}]\n" for name in queues) + tail)
    return config


def environment() -> dict[str, str]:
    """Ours without what would colour or narrow the output."""
    styling = {"FORCE_COLOR", "COLUMNS", "NO_COLOR"}
    return {name: value for name, value in os.environ.items() if name not in styling}


def apf(
    *words: object, folder: Path | None = None, prefix: Sequence[str] = ()
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, in a process of its own."""
    return subprocess.run(
        [*prefix, *APF, *map(str, words)],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@contextmanager
def daemon(config: Path, prefix: Sequence[str] = ()) -> Iterator[subprocess.Popen[str]]:
    """`apf run` in a process of its own, once it answers; it is killed in the end if it still runs."""
    with subprocess.Popen(
        [*prefix, *APF, "run", str(config)], env=environment(), stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            state = config.parent / "state"
            assert until(lambda: runs(state) or process.poll() is not None)
            assert process.poll() is None, process.stderr.read() if process.stderr else ""
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)


def status(config: Path) -> Mapping[str, Any]:
    """The queues of the daemon by name."""
    try:
        told = ask(config.parent / "state", {"ask": "status"})
    except FactoryError:
        return {}
    return {queue["queue"]: queue for queue in told["queues"]}


def parse(text: str) -> Any:
    """JSON, of which there is exactly one value."""
    return json.loads(text)
