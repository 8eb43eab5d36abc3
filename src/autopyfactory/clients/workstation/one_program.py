"""The work of a pilot that is there for one program."""

from collections.abc import Sequence

from autopyfactory.clients.workstation.berth import Berth, Stage
from autopyfactory.clients.workstation.payload import GRACE, Payload, say, stop


class OneProgram:
    """One program, run once; `output` is the beginning of the names of its files of output."""

    def __init__(self, berth: Berth, arguments: Sequence[str], output: str) -> None:
        self._berth, self._arguments, self._output = berth, arguments, output
        self._payload: Payload | None = None

    def step(self) -> str:
        """Go on with the work; the reason to end, when there is one."""
        if self._payload is None:
            return self._start()
        return f"exit code {self._payload.reap()}" if self._payload.has_ended() else ""

    def stop(self, reason: str) -> None:
        """End what still runs."""
        if self._payload is not None and not self._payload.has_ended():
            say(f"stops the program: {reason}")
            stop([self._payload], GRACE)

    def _start(self) -> str:
        if not self._berth.move(Stage.RUNNING):
            return "retired"
        try:
            self._payload = Payload(self._arguments, output=self._output)
        except OSError as error:
            return str(error)
        return ""
