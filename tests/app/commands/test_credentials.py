"""What `apf credentials` lists."""

import json
import time
from pathlib import Path

import pytest

import issuer
from autopyfactory.app.commands.check import examine
from autopyfactory.app.commands.credentials import show_credentials
from autopyfactory.app.commands.render import render
from daemons import apf

NOW = time.time()
CONFIG = """
[factory]
id = "here"
state = "state"

[credential.proxy]
kind = "file"
path = "proxy"

[credential.token]
kind = "file"
path = "token"
type = "token"

[target.ce]
kind = "htcondor"

[defaults]
target = "ce"
policies = [{ kind = "fixed", count = 1 }]
pilot.executable = "/bin/sleep"

[queue.A]
credentials = ["token", "proxy"]
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    issuer.keep(tmp_path / "proxy", issuer.proxy(NOW - 3600, NOW + 3600))
    issuer.keep(tmp_path / "token", issuer.token(sub="pilots", iss="https://i", iat=NOW, exp=NOW + 3600))
    file = tmp_path / "factory.toml"
    file.write_text(CONFIG)
    return file


def test_each_is_listed_with_its_owner_and_its_end(config: Path) -> None:
    done = apf("credentials", str(config))
    assert done.returncode == 0
    titles, proxy, token = done.stdout.splitlines()
    assert titles.split() == ["credential", "type", "for", "until", "state"]
    end = time.strftime("%Y-%m-%dT%H:%M", time.gmtime(NOW + 3600))
    assert proxy.split()[:4] == ["proxy", "x509", "/DC=testbed/CN=Robot", proxy.split()[3]]
    assert proxy.split()[3].startswith(end)
    assert proxy.endswith(f"valid: {config.parent}/proxy")
    assert token.split()[:5] == ["token", "token", "pilots", "of", "https://i"]


def test_one_that_ends_soon_is_no_trouble_yet(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    issuer.keep(config.parent / "proxy", issuer.proxy(NOW - 36_000, NOW + 3600))
    assert show_credentials(config, as_json=False) == 0
    assert f"{config.parent}/proxy ends at " in capsys.readouterr().out


def test_one_that_cannot_be_used_is_trouble_everywhere(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    issuer.keep(config.parent / "proxy", issuer.proxy(NOW - 36_000, NOW - 1))
    (config.parent / "token").unlink()
    assert show_credentials(config, as_json=True) == 1
    proxy, token = json.loads(capsys.readouterr().out)["credentials"]
    assert "/proxy expired at" in proxy["error"]
    assert proxy["subject"] == "/DC=testbed/CN=Robot"
    assert token == {
        "credential": "token",
        "type": "token",
        "subject": None,
        "until": None,
        "path": None,
        "warning": None,
        "error": f"'{config.parent}/token': No such file or directory",
    }
    assert show_credentials(config, as_json=False) == 1
    assert "No such file" in capsys.readouterr().out
    assert examine(config, live=False, as_json=False) == 1
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith(f"credential proxy: {config.parent}/proxy expired at")
    assert told[1] == f"credential token: '{config.parent}/token': No such file or directory"
    assert told[2].endswith("2 credentials")
    assert render(config, "A", 1, as_json=True) == 1
    rendered = json.loads(capsys.readouterr().out)
    assert "x509userproxy" not in rendered["text"]
    assert "credential token: " in rendered["error"]
    assert "credential proxy: " in rendered["error"]
    assert render(config, "A", 1, as_json=False) == 1
    assert capsys.readouterr().err.startswith("nothing would be submitted: credential token: ")


def test_a_wrong_section_is_a_mistake(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (config.parent / "proxy").unlink()
    assert show_credentials(config, as_json=False) == 2
    assert f"[credential.proxy] path: '{config.parent}/proxy': No such file" in capsys.readouterr().out


def test_a_submission_shows_the_files_that_it_would_carry(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert render(config, "A", 1, as_json=False) == 0
    lines = capsys.readouterr().out.splitlines()
    assert f"x509userproxy = {config.parent}/proxy" in lines
    assert f"scitokens_file = {config.parent}/token" in lines
    assert "use_scitokens = true" in lines


def test_a_simulated_world_asks_nobody_who_he_is(config: Path) -> None:
    (config.parent / "token").unlink()
    laws = '[target.ce]\nslots = 10\nqueue_delay = { mean = "1m" }\nrun_time = { mean = "1h" }\n'
    scenario = config.parent / "scenario.toml"
    scenario.write_text(f'[scenario]\nconfig = "{config.name}"\nduration = "1h"\n{laws}')
    done = apf("simulate", scenario, "--json")
    assert done.returncode == 0, done.stderr
    queue = json.loads(done.stdout)["queues"]["A"]
    assert queue["failed"] == 0
    assert queue["submitted"] > 0
