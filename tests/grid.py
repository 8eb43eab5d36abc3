"""A small real grid for tests: clusters, computing elements, a cloud, and a pool that reaches them all."""

import json
import os
import subprocess
import tempfile
import urllib.request
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, ClassVar

from pools import FEW, SUITE, TESTBED, Pool, run, words_of

IMAGE = "ami-03cf127a"  # one that moto knows


class Service:
    """One service of the test bed, up since `start`, with all its files in a folder of its own."""

    kind: ClassVar[str]

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix=f"apf-{self.kind}-"))
        self.home.chmod(0o755)
        self.folder = self.home / self.kind
        self.settings: dict[str, str] = {}

    def start(self) -> None:
        """Bring it up, downloading its packages if this machine never had them."""
        run([str(TESTBED / f"{self.kind}-up"), str(self.folder)], self.settings)

    def stop(self) -> None:
        """End its processes and remove its files."""
        run([str(TESTBED / f"{self.kind}-down"), str(self.folder), "--purge"], {})
        subprocess.run(["rm", "-rf", str(self.home)], check=True)

    @property
    def port(self) -> int:
        """Where it listens, on 127.0.0.1."""
        return int((self.folder / "port").read_text())

    @property
    def env(self) -> dict[str, str]:
        """What a schedd, or a login, has in its environment to get there."""
        return {}


class Slurm(Service):
    """A Slurm cluster of one node, which the blahp reaches as `batch slurm`."""

    kind = "slurm"
    grid_resource = "batch slurm"

    @property
    def env(self) -> dict[str, str]:
        """Where its configuration is."""
        return {"SLURM_CONF": str(self.folder / "slurm.conf")}


class Sge(Service):
    """A Grid Engine of one node, which the blahp reaches as `batch sge`."""

    kind = "sge"
    grid_resource = "batch sge"

    @property
    def env(self) -> dict[str, str]:
        """Where its cell and its tools are."""
        path = f"{self.folder}/bin:{os.environ['PATH']}"
        return {"SGE_ROOT": str(self.folder / "root"), "SGE_CELL": "default", "PATH": path}


class Ssh(Service):
    """The login node of a cluster, whose user runs the jobs' blahp there."""

    kind = "ssh"

    def __init__(self, cluster: Slurm | Sge) -> None:
        super().__init__()
        self.cluster = cluster
        self.settings = {"TB_CONDOR": SUITE, "TB_ENV": words_of(cluster.env)}

    @property
    def extra(self) -> str:
        """What the pool that goes there has in its configuration."""
        return f"REMOTE_GAHP = {self.folder}/remote_gahp\n"

    @property
    def grid_resource(self) -> str:
        """The cluster by ssh; the host is one of the login's own ssh configuration."""
        return f"{self.cluster.grid_resource} login --rgahp-nokey --rgahp-glite {self.folder}/glite"


class Arc(Service):
    """An ARC CE, with its own CA and its own issuer of tokens."""

    kind = "arc"

    @property
    def env(self) -> dict[str, str]:
        """Where its CA is."""
        return {"X509_CERT_DIR": str(self.folder / "certificates")}

    @property
    def grid_resource(self) -> str:
        """Its address, as it stands in its certificate."""
        return f"arc https://localhost:{self.port}"

    @property
    def token(self) -> Path:
        """The file of a token that it takes, which belongs to who runs the pools."""
        return self.folder / "token"

    @property
    def proxy(self) -> Path:
        """An X.509 proxy that it takes, of the VO `testvo`; of the same owner."""
        return self.folder / "voms-proxy.pem"


class Ec2(Service):
    """A cloud that pretends: it says that instances run, and nothing runs."""

    kind = "moto"

    @property
    def grid_resource(self) -> str:
        """Region and service are read from the name of the host."""
        return f"ec2 http://ec2.us-east-1.localhost:{self.port}/"

    @property
    def access_key(self) -> Path:
        """A file with the id of a key."""
        return self.folder / "access_key"

    @property
    def secret_key(self) -> Path:
        """A file with a secret key."""
        return self.folder / "secret_key"

    def instances(self) -> dict[str, str]:
        """The state of each instance by its id."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/moto-api/data.json", timeout=10) as answer:
            data: dict[str, Any] = json.load(answer)
        return {one["id"]: one["state"] for one in data["ec2"]["Instance"]}


class ComputingElement(Pool):
    """An HTCondor-CE in all but name: Condor-C in, a JobRouter, and what lies behind it."""

    def __init__(self, name: str, behind: Pool | Slurm) -> None:
        super().__init__(name)
        self.behind = behind

    def start(self) -> None:
        """Bring it up; what lies behind it is up already."""
        self.bring_up(
            "ce-up", "slurm" if isinstance(self.behind, Slurm) else "condor", str(self.behind.folder)
        )


class Grid:
    """All of them, and `pool`, the factory's own, which runs nothing itself."""

    def __init__(self) -> None:
        self.slurm, self.sge, self.arc, self.ec2 = Slurm(), Sge(), Arc(), Ec2()
        self.site = Pool("site")
        self.ssh = Ssh(self.slurm)
        self.pool_ce = ComputingElement("poolce", self.site)
        self.slurm_ce = ComputingElement("slurmce", self.slurm)
        reached = self.slurm.env | self.sge.env | self.arc.env
        self.pool = Pool("factory", daemons=FEW, extra=self.ssh.extra, environment=reached)
        self._first: list[Service | Pool] = [self.slurm, self.sge, self.arc, self.ec2, self.site]
        self._then: list[Service | Pool] = [self.ssh, self.pool_ce, self.slurm_ce, self.pool]

    def start(self) -> None:
        """Bring all up, first what others lean on, several at a time."""
        together(one.start for one in self._first)
        together(one.start for one in self._then)

    def stop(self) -> None:
        """End all, first those that lean on others."""
        together(one.stop for one in self._then)
        together(one.stop for one in self._first)

    @staticmethod
    def condor(there: Pool) -> str:
        """The `grid_resource` of another schedd."""
        return f"condor {there.schedd} {there.collector}"


def together(calls: Iterable[Callable[[], None]]) -> None:
    """Make all calls at the same time; let all end, then raise what the first one that failed raised."""
    with ThreadPoolExecutor() as threads:
        futures = [threads.submit(call) for call in calls]
    for future in futures:
        future.result()
