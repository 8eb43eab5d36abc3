"""`voms-proxy-init`, asked for attribute certificates alone; the proxies that carry them are made here."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from autopyfactory.clients.attributes import unpack
from autopyfactory.clients.command import Command
from autopyfactory.clients.complaint import explain
from autopyfactory.errors import Unavailable

QUIET = {"RANDFILE": "/dev/null"}  # else it wants to write one into a home folder


class VomsClient:
    """Fetches the attributes of one VO: `voms` is 'atlas' or 'atlas:/atlas/Role=production'."""

    def __init__(self, command: Command, voms: str, servers: Path | None) -> None:
        self._command = command
        self._voms = voms
        self._servers = servers

    def fetch(self, certificate: Path, key: Path, lifetime: timedelta) -> list[bytes]:
        """Attribute certificates for whom a certificate or proxy speaks; the server may shorten `lifetime`.

        Raises `Unavailable` when there are none.
        """
        if not self._voms:
            return []
        with TemporaryDirectory(prefix="apf-voms-") as folder:
            file = Path(folder) / "attributes"
            words = ["-quiet", "-rfc", "-noregen", "-cert", str(certificate), "-key", str(key)]
            words += ["-voms", self._voms, "-valid", write_hours(lifetime)]
            words += ["-vomses", str(self._servers)] if self._servers else []
            words += ["-separate", str(file), "-out", str(Path(folder) / "proxy")]
            self._command.run(more=words)
            try:
                return unpack(file.read_bytes())
            except (OSError, ValueError) as error:
                raise Unavailable(f"{self._command.name} gave no attributes of {self._voms}") from error

    def close(self) -> None:
        """Kill what runs."""
        self._command.close()


def client(
    program: Sequence[str],
    environment: Mapping[str, str],
    timeout: timedelta,
    voms: str,
    servers: Path | None,
) -> VomsClient:
    """Who fetches the attributes of `voms`; `servers` says where servers are, else the system does."""
    return VomsClient(Command(program, {**QUIET, **environment}, timeout, explain), voms, servers)


def write_hours(lifetime: timedelta) -> str:
    """'96:00', hours and minutes; a minute at least."""
    hours, minutes = divmod(max(int(lifetime.total_seconds()) // 60, 1), 60)
    return f"{hours}:{minutes:02}"
