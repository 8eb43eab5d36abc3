"""HTCondor's own tokens, made by its real tools or found: a schedd takes them, and nobody comes without."""

import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
import pytest

import issuer
from autopyfactory.clients.condor.options import Job
from autopyfactory.clients.condor.way import token_folder
from autopyfactory.errors import Unavailable
from autopyfactory.model import CredentialType, Order, Place, Proof
from autopyfactory.targets.htcondor import HTCondorTarget, HTCondorTargetOptions
from autopyfactory.testing import until
from daemons import apf, daemon, status
from pools import FEW, Pool, up

CONFIG = """
[factory]
id = "{factory}"
state = "state"
logs = "logs"

[credential.pool]
kind = "idtoken"
minimum = "10s"
{way}

[source.pool]
kind = "htcondor"
collector = "{collector}"
credential = "pool"

[target.pool]
kind = "htcondor"
collector = "{collector}"
credential = "pool"
spool = true
guard = {{ per_minute = "unlimited" }}

[defaults]
interval = "1s"
source = "pool"
target = "pool"
policies = [{{ kind = "keep_n_running", count = 1 }}]

[queue.SITE]
pilot.executable = "/bin/true"
"""
KEYED = """
include : {pool}
SEC_PASSWORD_DIRECTORY = {keys}
SEC_TOKEN_POOL_SIGNING_KEY_FILE = {keys}/POOL
"""


@pytest.fixture(scope="module")
def guarded() -> Iterator[Pool]:
    """A pool in which jobs wait."""
    with up(Pool("poolT", daemons=FEW)) as pool:
        yield pool


@pytest.fixture
def keyed(guarded: Pool, home: Path) -> Path:
    """A configuration of HTCondor for who has a copy of the pool's signing key."""
    keys = home / "keys"
    keys.mkdir(mode=0o700)
    shutil.copyfile(guarded.folder / "passwords.d" / "POOL", keys / "POOL")
    (keys / "POOL").chmod(0o600)
    config = home / "condor_config"
    config.write_text(KEYED.format(pool=guarded.config, keys=keys))
    return config


def owner(pool: Pool) -> str:
    """Who runs the pool, and owns the jobs."""
    return (pool.folder / "spool").owner()


def way(pool: Pool, keyed: Path, name: str) -> str:
    """The options of one way to come to a token."""
    programs = f'programs = "{pool.programs}"'
    limits = 'lifetime = "1h"\nauthorizations = ["READ", "WRITE"]'
    made = {
        "made": f'{programs}\nidentity = "{owner(pool)}@testbed"\nconfig = "{keyed}"\nlifetime = "1h"',
        "fetched": f'{programs}\nschedd = "{pool.schedd}"\nconfig = "{pool.config}"\n{limits}',
        "found": f'tokens = "{pool.folder}/client.d"',
    }
    return made[name]


def configure(home: Path, pool: Pool, factory: str, how: str) -> Path:
    file = home / "factory.toml"
    collector = pool.collector.replace("127.0.0.1", "localhost")
    file.write_text(CONFIG.format(factory=factory, collector=collector, way=how))
    return file


def claims(home: Path) -> dict[str, Any]:
    """What the token says that the factory keeps."""
    text = (token_folder(str(home / "state"), "pool") / "token").read_text()
    found: dict[str, Any] = jwt.decode(text, options={"verify_signature": False})
    return found


@pytest.mark.parametrize("name", ["made", "fetched", "found"])
def test_a_pilot_is_submitted_by_the_token(
    home: Path, guarded: Pool, keyed: Path, factory: str, name: str
) -> None:
    config = configure(home, guarded, factory, way(guarded, keyed, name))
    told = json.loads(apf("once", config, "SITE", "--json").stdout)
    assert told["error"] is None
    (ad,) = guarded.jobs(f'APF_FACTORY == "{factory}"', "Owner", "AuthTokenId")
    assert (ad["Owner"], ad["AuthTokenId"]) == (owner(guarded), claims(home)["jti"])
    listed = apf("credentials", config).stdout.splitlines()[1].split()
    assert listed[:4] == ["pool", "idtoken", f"{owner(guarded)}@testbed", "of"]


def test_a_token_is_renewed_in_a_daemon_that_goes_on(
    home: Path, guarded: Pool, keyed: Path, factory: str
) -> None:
    config = configure(home, guarded, factory, f'{way(guarded, keyed, "made")}\nrenew = "2h"')
    apf("once", config, "SITE")
    first = claims(home)["jti"]
    with daemon(config):
        assert until(lambda: claims(home)["jti"] != first)
        assert until(lambda: (status(config)["SITE"]["report"] or {"error": "none"})["error"] is None, 60)
        told = apf("status", config, "--json")
    credential = json.loads(told.stdout)["credentials"]["pool"]
    assert credential["subject"].startswith(f"{owner(guarded)}@testbed of ")
    assert credential["trouble"] is None


def test_nobody_is_asked_by_who_has_no_token(home: Path, guarded: Pool, keyed: Path, factory: str) -> None:
    how = way(guarded, keyed, "made").replace("\nidentity", '\nkey = "OTHER"\nidentity')
    told = json.loads(apf("once", configure(home, guarded, factory, how), "SITE", "--json").stdout)
    assert "credential pool: there is no token yet" in told["error"]
    assert guarded.jobs(f'APF_FACTORY == "{factory}"', "Owner") == []


@dataclass
class Bearer:
    """A credential that says it is valid."""

    path: Path
    name: str = "pool"
    type: CredentialType = CredentialType.IDTOKEN

    def read(self) -> Proof:
        return Proof(path=self.path)


def test_a_token_that_takes_the_place_of_a_wrong_one_is_seen_at_once(
    home: Path, guarded: Pool, factory: str
) -> None:
    place = Place(section="pool", factory=factory, logs=str(home / "logs"), state=str(home / "state"))
    folder = token_folder(place.state, "pool")
    folder.mkdir(parents=True)
    collector = guarded.collector.replace("127.0.0.1", "localhost")
    options = HTCondorTargetOptions(collector=collector, spool=True)
    issuer.keep(folder / "token", issuer.token(sub="me", iss="elsewhere", exp=time.time() + 60))
    target = HTCondorTarget(options, place, [Bearer(folder / "token")])
    try:
        with pytest.raises(Unavailable, match="does not accept us"):
            target.supply(["SITE"])
        issuer.keep(folder / "token", (guarded.folder / "client.d" / "token").read_bytes())
        assert target.supply(["SITE"])["SITE"].pilots == 0
        assert target.submit(
            Order(queue="SITE", pilot=Job.model_validate({"executable": "/bin/true"}), count=1, tag="t")
        )
    finally:
        target.close()
        guarded.clear()
