"""Real services of grid security for tests: a VOMS server and a MyProxy server."""

import json
from pathlib import Path
from typing import Any

from daemons import apf
from grid import Service
from pools import TESTBED, run

VO = "testvo"


class Voms(Service):
    """A VOMS server of `testvo`; `certificate` is of a member with the role production."""

    kind = "voms"

    def halt(self) -> None:
        """End its processes; `resume` brings it back where it was."""
        run([str(TESTBED / "voms-down"), str(self.folder)], {})

    def resume(self) -> None:
        """Bring it back."""
        run([str(TESTBED / "voms-up"), str(self.folder), str(self.port)], self.settings)

    @property
    def certificate(self) -> Path:
        """The certificate of a member; its key is in `key`."""
        return self.folder / "usercert.pem"

    @property
    def key(self) -> Path:
        """Its private key."""
        return self.folder / "userkey.pem"

    @property
    def stranger(self) -> tuple[Path, Path]:
        """Certificate and key of somebody who is no member."""
        return self.folder / "hostcert.pem", self.folder / "hostkey.pem"

    @property
    def env(self) -> dict[str, str]:
        """What a site that trusts it has in its environment."""
        folders = {"X509_CERT_DIR": "certificates", "X509_VOMS_DIR": "vomsdir"}
        return {name: str(self.folder / folder) for name, folder in folders.items()}

    @property
    def section(self) -> str:
        """What a credential's section says to get there."""
        return f'certificates = "{self.folder}/certificates"\nvomses = "{self.folder}/vomses"\n'

    def verified(self, proxy: Path, *words: str) -> str:
        """What VOMS's own tool says of a proxy, once it has verified its attributes."""
        return run(["voms-proxy-info", "-file", str(proxy), *words], self.env).strip()


def credentials(config: Path) -> dict[str, dict[str, Any]]:
    """What `apf credentials` tells, by name."""
    told = json.loads(apf("credentials", config, "--json").stdout)
    return {one["credential"]: one for one in told["credentials"]}
