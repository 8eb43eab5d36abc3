"""A real PanDA server for tests: jobs are put into it, factories and pilots ask it over TLS."""

import json
import ssl
import urllib.request
from pathlib import Path
from typing import Any

from grid import Service
from pools import TESTBED, run

INSTALLING = 900.0  # seconds that the server's own packages may take, once on a machine


class Panda(Service):
    """One PanDA server; `proxy` has the production role, so has a token of `token("production")`."""

    kind = "panda"

    def start(self) -> None:
        """Bring it up, downloading its packages if this machine never had them."""
        run([str(TESTBED / "panda-up"), str(self.folder)], self.settings, timeout=INSTALLING)

    def halt(self) -> None:
        """End its processes; `start` brings it back where it was, with all its jobs."""
        run([str(TESTBED / "panda-down"), str(self.folder)], {})

    @property
    def url(self) -> str:
        """Where its REST interface is, with TLS."""
        return f"https://localhost:{self.port}/api/v1"

    @property
    def plain_url(self) -> str:
        """The same without TLS."""
        return f"http://localhost:{self.port + 1}/api/v1"

    @property
    def cric_url(self) -> str:
        """Where the catalogue is published that `jobs("cric", ...)` was given."""
        return f"http://localhost:{self.port + 1}/cric/pandaqueue.json"

    @property
    def certificates(self) -> Path:
        """The folder of certificates of CAs, named by hash."""
        return self.folder / "certificates"

    @property
    def authority(self) -> Path:
        """The certificate of its CA."""
        return self.folder / "ca" / "ca.pem"

    @property
    def proxy(self) -> Path:
        """A proxy of the factory."""
        return self.folder / "factory.proxy"

    def token(self, role: str = "production", seconds: int = 3600) -> str:
        """A token for `Origin: atlas.ROLE`; one that ended where `seconds` is negative."""
        return run([str(TESTBED / "panda-token"), str(self.folder), role, str(seconds)], {}).strip()

    def jobs(self, *words: str) -> str:
        """What `panda-jobs` prints: `add SITE 7`, `move SITE 2 activated running`, `count`, ..."""
        return run([str(TESTBED / "panda-jobs"), str(self.folder), *words], {})

    def ask(self, path: str) -> Any:
        """The answer to a call that needs no credential."""
        context = ssl.create_default_context(cafile=str(self.authority))
        request = urllib.request.Request(f"{self.url}/{path}", headers={"Accept": "application/json"})
        with urllib.request.urlopen(request, timeout=60, context=context) as reply:
            return json.load(reply)
