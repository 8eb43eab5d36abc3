"""A factory far from its schedd: they run as two users, and neither can read the other's files.

Where we are no root, both run as ourselves, and only the paths keep them apart.
"""

import os
import shutil
import tempfile
from pathlib import Path

from pools import Pool

POWERLESS = (
    "setpriv",
    "--bounding-set=-dac_override,-dac_read_search",
)  # a root that reads its own files only

HEAD = """
[factory]
id = "{factory}"
state = "state"
logs = "logs"

[target.far]
kind = "htcondor"
collector = "{collector}"
schedd = "{schedd}"
security = {security}
spool = true
timeout = "20s"
settle = "2s"
max_age = "1s"
guard = {{ per_minute = "unlimited" }}
{more}
[defaults]
interval = "500ms"
target = "far"
"""


class Far:
    """A factory, and its folder of mode 700."""

    def __init__(self, pool: Pool, factory: str) -> None:
        self.pool = pool
        self.factory = factory
        self.home = Path(tempfile.mkdtemp(prefix="apf-far-"))  # of mode 700
        self.logs = self.home / "logs"
        self.config = self.home / "factory.toml"
        self.prefix = POWERLESS if os.geteuid() == 0 else ()

    def write(self, name: str, text: str, mode: int = 0o600) -> Path:
        """A file that only the factory can read."""
        path = self.home / name
        path.parent.mkdir(mode=0o700, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
        return path

    @property
    def tokens(self) -> Path:
        """A folder with the token of the owner of the jobs."""
        return self.write("tokens/one", (self.pool.folder / "client.d" / "token").read_text()).parent

    def configure(self, queues: str, security: str = "", **options: object) -> None:
        """Write the configuration."""
        text = HEAD.format(
            factory=self.factory,
            collector=self.pool.collector,
            schedd=self.pool.schedd,
            security=security or f'{{ tokens = "{self.tokens}" }}',
            more="".join(f"{name} = {value}\n" for name, value in options.items()),
        )
        self.write(self.config.name, text + queues)

    def files(self, kind: str) -> list[Path]:
        """Fetched files of a kind: 'out', 'err', 'log'."""
        return sorted(self.logs.glob(f"????-??-??/*/*.{kind}"))

    def remove(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.home)
