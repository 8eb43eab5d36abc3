"""Proxies come from a real MyProxy server, by a pass phrase that stands nowhere or by a certificate."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from daemons import HEAD, daemon, write
from grid_security import MyProxyServer, Voms, asking, credentials, life, made
from pools import up

HOUR = 3600


@pytest.fixture(scope="module")
def myproxy(voms: Voms) -> Iterator[MyProxyServer]:
    with up(MyProxyServer(voms.folder)) as server:
        yield server


def logon(server: MyProxyServer, voms: Voms, name: str, more: str) -> str:
    """A credential made of what lies at the server under this name."""
    there = f'host = "localhost"\nport = {server.port}\nuser = "factory"\nname = "{name}"\n'
    return f'\n[credential.prod]\nkind = "myproxy"\n{there}{voms.section}lifetime = "30h"\n{more}'


def test_a_pass_phrase_gets_a_proxy_and_stands_nowhere(
    voms: Voms, myproxy: MyProxyServer, tmp_path: Path
) -> None:
    given = f'passphrase = "{myproxy.passphrase}"\n'
    config = write(tmp_path, head=HEAD + logon(myproxy, voms, "robot", given))
    with daemon(config) as process:
        proxy = made(config)
        process.terminate()
        assert process.stderr is not None
        log = process.stderr.read()
    assert 29 * HOUR < int(voms.verified(proxy, "-timeleft")) <= 30 * HOUR
    assert credentials(config)["prod"]["subject"] == "/DC=testbed/CN=Pilot Factory"
    word = myproxy.passphrase.read_text().strip()
    written = [file for file in config.parent.rglob("*") if file.is_file()]
    assert word not in log
    assert not [file for file in written if word.encode() in file.read_bytes()]


def test_a_wrong_pass_phrase_is_said_and_not_repeated(
    voms: Voms, myproxy: MyProxyServer, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong"
    wrong.touch(0o600)
    wrong.write_text("open sesame\n")
    config = write(tmp_path, head=HEAD + logon(myproxy, voms, "robot", f'passphrase = "{wrong}"\n'))
    with daemon(config) as process:
        assert process.stderr is not None
        failed = next(line for line in process.stderr if "renewal failed" in line)
    assert "invalid credential passphrase" in failed
    assert "sesame" not in failed
    assert credentials(config)["prod"]["error"].endswith("is not there yet: the daemon makes it")


def test_what_a_host_gets_is_given_attributes(voms: Voms, myproxy: MyProxyServer, tmp_path: Path) -> None:
    given = f'retriever = "{myproxy.host}"\n{asking()}'
    config = write(tmp_path, head=HEAD + logon(myproxy, voms, "trusted", given))
    with daemon(config):
        proxy = made(config)
    assert voms.verified(proxy, "-fqan").splitlines()[0] == "/testvo/Role=production/Capability=NULL"
    assert 29 * HOUR < life(proxy, voms) <= 30 * HOUR
