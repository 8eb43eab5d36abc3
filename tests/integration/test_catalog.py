"""A daemon that runs the queues of a catalogue, on a server that comes, goes, and loses half of them."""

import json
import signal
from pathlib import Path

from autopyfactory.testing import until
from catalogue import document, many
from daemons import apf, daemon, status, write
from webserver import Said, serving

SECTION = """
[catalog.all]
kind = "cric"
url = "{url}/query/?json"
refresh = "10s"

[catalog.all.template.htcondor-ce]
pilot.label = "{{panda_resource}}"
"""


def test_queues_come_with_the_catalogue_and_stay_while_it_is_odd(tmp_path: Path) -> None:
    with serving(lambda _: Said(body=document(many(4)))) as server:
        config = write(tmp_path, ["MINE"], tail=SECTION.format(url=server.url))
        with daemon(config) as process:
            assert len(status(config)) == 5
            told = json.loads(apf("status", config, "--json").stdout)["catalogs"]
            assert told == {"all": {"queues": 4, "left_out": 0, "trouble": None}}
            server.answer = lambda _: Said(body=document(many(6)))
            assert until(lambda: len(status(config)) == 7, 60)
            server.answer = lambda _: Said(body=document(many(1)))
            asked = len(server.asked)
            assert until(lambda: len(server.asked) > asked, 60)
            assert len(status(config)) == 7
            assert until(lambda: "5 of 6 queues have vanished" in apf("status", config).stdout)
            told = apf("catalog", config, "--json")
            assert told.returncode == 1
            assert "5 of 6 queues have vanished" in json.loads(told.stdout)["catalogs"][0]["trouble"]
            assert apf("catalog", config, "--accept").returncode == 0
            assert apf("reload", config).returncode == 0
            assert len(status(config)) == 2
            server.answer = lambda _: Said(status=503)
            assert apf("reload", config).returncode == 0
            assert len(status(config)) == 2
            told = json.loads(apf("status", config, "--json").stdout)["catalogs"]["all"]
            assert (told["queues"], told["left_out"]) == (1, None)
            assert "HTTP 503" in told["trouble"]
            process.send_signal(signal.SIGTERM)
            _, log = process.communicate(timeout=60)
    assert "2 queues started" in log
    assert "HTTP 503" in log
    assert "Traceback" not in log


def test_a_daemon_starts_without_its_catalogue(tmp_path: Path) -> None:
    with serving(lambda _: Said(body=document(many(4)))) as server:
        config = write(tmp_path, ["MINE"], tail=SECTION.format(url=server.url))
        assert apf("catalog", config, "--accept").returncode == 0
        server.answer = lambda _: Said(body="<html>")
        with daemon(config):
            assert len(status(config)) == 5
        for copy in (tmp_path / "state" / "catalogs").iterdir():
            copy.unlink()
        with daemon(config):
            assert len(status(config)) == 1
            server.answer = lambda _: Said(body=document(many(4)))
            assert until(lambda: len(status(config)) == 5, 60)
