"""Real services of grid security for tests: a VOMS server and a MyProxy server."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from autopyfactory.testing import until
from daemons import apf
from grid import Service
from pools import TESTBED, run, standing_still

PRODUCTION = "testvo:/testvo/Role=production"
PEM = ("hostcert.pem", "hostkey.pem", "usercert.pem", "userkey.pem")


class Voms(Service):
    """A VOMS server of `testvo`; `certificate` is of a member with the role production."""

    kind = "voms"

    def halt(self) -> None:
        """End its processes; `resume` brings it back where it was."""
        run([str(TESTBED / "voms-down"), str(self.folder)], {})

    def resume(self) -> None:
        """Bring it back."""
        run([str(TESTBED / "voms-up"), str(self.folder), str(self.port)], self.settings)

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """It takes connections inside the block, and answers nobody."""
        pid = int((self.folder / "voms.pid").read_text())
        with standing_still([pid]):
            yield

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


class MyProxyServer(Service):
    """A MyProxy server with two proxies of `factory`: `robot`, for a pass phrase, `trusted`, for a host."""

    kind = "myproxy"

    def __init__(self, authority: Path) -> None:
        super().__init__()
        self._authority = authority

    def start(self) -> None:
        """Bring it up with the certificates of another service, so that they trust each other."""
        self.folder.mkdir()
        for name in ("certificates", "vomsdir", *PEM):
            run(["cp", "-a", str(self._authority / name), str(self.folder)], {})
        super().start()

    @property
    def certificates(self) -> Path:
        """The folder of its CA."""
        return self.folder / "certificates"

    @property
    def passphrase(self) -> Path:
        """The file with the pass phrase for `robot`."""
        return self.folder / "passphrase"

    @property
    def host(self) -> Path:
        """The file with a certificate and key that gets `trusted`."""
        return self.folder / "host.pem"


def credentials(config: Path) -> dict[str, dict[str, Any]]:
    """What `apf credentials` tells, by name."""
    told = json.loads(apf("credentials", config, "--json").stdout)
    return {one["credential"]: one for one in told["credentials"]}


def section(name: str, voms: Voms, more: str = "", certificate: Path | None = None) -> str:
    """A credential made from the member's certificate, or from another file that has its key."""
    signer = f'certificate = "{certificate or voms.certificate}"\n'
    key = "" if certificate else f'key = "{voms.key}"\n'
    return f'\n[credential.{name}]\nkind = "x509_proxy"\n{signer}{key}{voms.section}timeout = "20s"\n{more}'


def asking(role: str = PRODUCTION) -> str:
    """What a section says to have attributes."""
    return f'voms = "{role}"\n'


def made(config: Path, name: str = "prod") -> Path:
    """The proxy of a factory, once it can be used."""
    assert until(lambda: not credentials(config)[name]["error"], 60), credentials(config)
    return config.parent / "state" / "credentials" / name


def life(proxy: Path, voms: Voms) -> int:
    """Seconds for which the attributes of a proxy are valid."""
    return int(voms.verified(proxy, "-actimeleft"))


def strange(voms: Voms) -> str:
    """A credential of somebody whom the server does not know."""
    certificate, key = voms.stranger
    known = section("stranger", voms, asking("testvo"))
    return known.replace(str(voms.certificate), str(certificate)).replace(str(voms.key), str(key))
