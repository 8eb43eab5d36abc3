"""One cycle by hand: looked at, done by the command, or by the daemon."""

import json
import re
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import issuer
from autopyfactory.app.commands.once import filling
from autopyfactory.clients.workstation.jobs import JobQueue
from autopyfactory.options import TargetLimits
from daemons import HEAD, apf, daemon, write
from rig import Rig

AGE = re.compile(r", [\d.]+ s old")
BOOKS = """
import json, pathlib, sys
book = pathlib.Path(__file__).with_suffix(".json")
pilots = json.loads(book.read_text()) if book.exists() else 0
asked = json.load(sys.stdin)
if asked["do"] == "submit":
    book.write_text(json.dumps(pilots + asked["count"]))
    answer = {"submitted": [f"p{number}" for number in range(asked["count"])]}
elif asked["do"] == "supply":
    answer = {"supply": {queue: {"pending": pilots, "running": 0} for queue in asked["queues"]}}
else:
    answer = {"tagged": {}}
print(json.dumps(answer))
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A queue that wants three pilots, at a target that keeps its books in a file."""
    (tmp_path / "books.py").write_text(BOOKS)
    command = json.dumps([sys.executable, str(tmp_path / "books.py")])
    head = HEAD.replace('kind = "local"', f'kind = "command"\ncommand = {command}')
    head = head.replace("count = 0", "count = 3").replace("100ms", "1h")
    return write(tmp_path, ["A"], head)


def once(*words: object) -> Any:
    done = apf("once", *words, "--json")
    return {**json.loads(done.stdout), "code": done.returncode}


def pilots(config: Path) -> int:
    book = config.parent / "books.json"
    return int(book.read_text()) if book.exists() else 0


def test_a_dry_run_decides_and_neither_acts_nor_writes_anything(config: Path) -> None:
    told = once(config, "A", "--dry-run")
    assert (told["code"], told["verdict"], told["submitted"]) == (0, "would submit 3", [])
    assert told["by"] == "nobody: a dry run"
    assert pilots(config) == 0
    assert not (config.parent / "state").exists()


def test_without_a_daemon_the_command_acts_and_gives_the_lock_back(config: Path) -> None:
    for pilots_before in (0, 3):
        told = once(config, "A")
        assert (told["code"], told["verdict"], told["by"]) == (0, "submitted 3", "this command")
        assert told["supply"]["pending"] == pilots_before
    assert pilots(config) == 6


def test_what_the_command_did_stands_in_the_history_and_a_look_does_not(config: Path) -> None:
    begun = [once(config, "A")["began"] for _ in range(2)]
    once(config, "A", "--dry-run")
    told = json.loads(apf("history", "A", config, "--json").stdout)
    assert [(cycle["began"], cycle["verdict"]) for cycle in told] == [(one, "submitted 3") for one in begun]
    assert "=> submitted 3" in apf("explain", "A", config).stdout


def test_a_history_that_is_switched_off_or_cannot_be_written_keeps_nobody_from_acting(config: Path) -> None:
    text = config.read_text()
    config.write_text(text.replace("[factory]", "[factory]\nhistory = false"))
    assert once(config, "A")["verdict"] == "submitted 3"
    history = config.parent / "state" / "history.sqlite"
    assert not history.exists()
    config.write_text(text)
    history.mkdir()
    done = apf("once", config, "A", "--json")
    assert (done.returncode, json.loads(done.stdout)["verdict"]) == (0, "submitted 3")
    assert done.stderr.endswith("; reports lost: 1\n")


def test_with_a_daemon_the_daemon_acts(config: Path) -> None:
    with daemon(config):
        told = once(config, "A")
        assert (told["code"], told["by"], told["cycle"]) == (0, "the running daemon", 1)
        assert once(config, "A")["cycle"] == 2
        assert once(config, "A", "--dry-run")["verdict"] == "would submit 3"


def test_the_trail_is_printed_for_people(config: Path) -> None:
    done = apf("once", config, "A", "--dry-run")
    assert AGE.sub("", done.stdout).splitlines()[1:] == [
        "work at (none): 0 ready (0 cores), 0 running",
        "pilots at here: 0 pending, 0 running",
        "  fixed(count=3): 0 -> 3",
        "=> would submit 3",
    ]


def test_a_cycle_that_fails_ends_with_1_and_its_error(config: Path) -> None:
    (config.parent / "books.py").write_text("raise SystemExit('the books are closed')")
    for words in ([], ["--dry-run"]):
        told = once(config, "A", *words)
        assert told["code"] == 1
        assert "the books are closed" in told["error"]


def test_a_wrong_queue_is_told_with_what_is_wrong_in_it(config: Path) -> None:
    config.write_text(config.read_text() + "intervall = 1\n")
    told = once(config, "A")
    assert told["code"] == 2
    assert "did you mean 'interval'?" in told["error"]
    assert "no queue 'B'" in once(config, "B")["error"]


def test_a_queue_that_is_disabled_is_called_so(config: Path) -> None:
    config.write_text(config.read_text() + "enabled = false\n")
    assert (
        once(config, "A", "--dry-run")["error"] == f"{config}: queue 'A' is disabled: it has enabled = false"
    )


def test_a_broken_configuration_keeps_nobody_from_the_daemon_that_runs(config: Path) -> None:
    text = config.read_text()
    with daemon(config):
        config.write_text(text + "[queue.B]\n")
        assert "it is right in" in once(config, "B")["error"]
        config.write_text(text + "[queue.B\n")
        assert once(config, "A")["by"] == "the running daemon"
        assert once(config, "A", "--dry-run")["code"] == 2


def test_a_look_leaves_the_job_queue_as_it_is(tmp_path: Path) -> None:
    queue = JobQueue(tmp_path / "state" / "jobs.sqlite")
    queue.add(["true"])
    head = HEAD + '\n[source.jobs]\nkind = "local"\n'
    config = write(tmp_path, ["A"], head, tail='source = "jobs"\npolicies = [{ kind = "ready" }]\n')
    assert once(config, "A", "--dry-run")["verdict"] == "would submit 1"
    assert [job.starts for job in queue.jobs()] == [0]


@pytest.mark.parametrize(
    ("per_minute", "count", "seconds"), [(60, 4, 5.0), (60, 1000, 10.0), (6000, 99, 1.0), (None, 5, 0.0)]
)
def test_it_waits_for_the_guards_buckets_but_not_for_long(
    per_minute: int | None, count: int, seconds: float
) -> None:
    rig = Rig()
    (_, source), (_, target) = rig.source(), rig.target(guard=TargetLimits(per_minute=per_minute))
    queue = rig.queue(source, target)
    assert filling(rig.plan([queue]), queue, count) == pytest.approx(seconds)
    rig.close()


def test_without_a_daemon_what_the_queue_uses_is_renewed_before_the_cycle(config: Path) -> None:
    robot = issuer.keep(config.parent / "robot.pem", issuer.proxy(time.time() - 60, time.time() + 90_000))
    section = f'[credential.robot]\nkind = "x509_proxy"\ncertificate = "{robot}"\n'
    source = '[source.wms]\nkind = "panda"\nurl = "https://localhost:1"\ncredential = "robot"\n'
    config.write_text(f'{config.read_text()}source = "wms"\nwork.site = "A"\n{section}{source}[queue.B]\n')
    proxy = config.parent / "state" / "credentials" / "robot"
    once(config, "B")
    assert not proxy.exists()
    once(config, "A", "--dry-run")
    assert not proxy.exists()
    once(config, "A")
    assert proxy.exists()
