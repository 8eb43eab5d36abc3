"""A ward: a command that runs under a warden, so that it ends in time also when we are dead."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import autopyfactory
from autopyfactory.clients import warden

BOOT = """
import sys
sys.path.append(sys.argv.pop(1))
from autopyfactory.clients.warden import main
sys.exit(main(sys.argv[1:]))
"""
# isolated and without site-packages: it starts fast, and nobody's variables or modules reach it
WARDEN = (sys.executable, "-I", "-S", "-c", BOOT, str(Path(autopyfactory.__file__).parents[1]))
GRACE = 5.0  # seconds that a killed command may take to be gone, and those the kernel gives beyond ours


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """What a command came to."""

    began: bool  # whether it may have done anything
    code: int | None = None  # its exit code, below 0 the signal that ended it; None: not known
    error: str = ""  # why it did not begin, or why its end is not known


class Ward:
    """One run of a command, fed and heard through the pipes of `process`, which is its warden.

    Its environment is ours with `environment` on top; the warden holds the open files `held`.  Raises
    `OSError` or `ValueError` when no warden can be started.
    """

    def __init__(
        self,
        words: Sequence[str],
        environment: Mapping[str, str],
        seconds: float,
        held: Sequence[int] = (),
        program: Sequence[str] = WARDEN,
    ) -> None:
        self._book = os.memfd_create("errand")
        files = (self._book, *held)
        try:
            errand = {"words": list(words), "environment": dict(environment), "seconds": seconds + GRACE}
            warden.write(self._book, errand)
            self.process = subprocess.Popen(
                [*program, *map(str, files), words[0]],  # the last tells who reads a list of processes
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=files,
                start_new_session=True,
            )
        except (OSError, ValueError):
            os.close(self._book)
            raise

    def kill(self) -> None:
        """Kill the command and its children, whatever they do; for any thread."""
        self.process.send_signal(warden.TOLD)

    def reap(self) -> End:
        """Wait for the end of one that ended or was killed, but not for ever; called once."""
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(GRACE)
        try:
            return self._end(warden.read(self._book))
        except json.JSONDecodeError:  # it is being written
            return End(began=True, error="nothing is known of its end")
        finally:
            os.close(self._book)

    def _end(self, facts: Mapping[str, object]) -> End:
        if "error" in facts:
            return End(began=False, error=str(facts["error"]))
        code = facts.get("code")
        if isinstance(code, int):
            return End(began=True, code=code)
        return End(began="words" not in facts, error=f"its warden ended with {self.process.returncode}")
