"""`myproxy-logon`: a proxy of what somebody left at a MyProxy server; pass phrases go by standard input."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from autopyfactory.clients.command import Command
from autopyfactory.clients.complaint import explain
from autopyfactory.clients.secret import read_word

HOUR = timedelta(hours=1)


class MyProxyClient:
    """Fetches the proxy that `words` describe, '-s HOST -l USER', by the pass phrase in a file, if any."""

    def __init__(
        self,
        program: Sequence[str],
        environment: Mapping[str, str],
        timeout: timedelta,
        words: Sequence[str],
        passphrase: Path | None,
    ) -> None:
        self._command = Command(program, environment, timeout, explain)
        self._words = words
        self._passphrase = passphrase

    def fetch(self, lifetime: timedelta) -> bytes:
        """The proxy with its key and chain, in PEM; it may live shorter, and to the hour.

        Raises `Unavailable` when there is none.
        """
        hours = max(-(-lifetime // HOUR), 1)
        words = [*self._words, "-t", str(hours), "-q", "-o", "-"]
        if self._passphrase is None:
            return self._command.run(more=[*words, "-n"])
        return self._command.run(f"{read_word(self._passphrase)}\n".encode(), more=[*words, "-S"])

    def close(self) -> None:
        """Kill what runs."""
        self._command.close()
