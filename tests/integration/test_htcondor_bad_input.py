"""What is wrong with one queue, its site or its credentials stands in its own report; the next goes on."""

import re
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from autopyfactory.testing import until
from daemons import daemon, status
from pools import FEW, Pool, open_home, run, up

HEAD = """
[factory]
id = "{factory}"
state = "state"
logs = "logs"

[target.main]
kind = "htcondor"
config = "{main}"
max_age = "1s"

[target.closed]
kind = "htcondor"
config = "{closed}"
max_age = "1s"

[target.foreign]
kind = "htcondor"
config = "{foreign}"
max_age = "1s"

[target.forged]
kind = "htcondor"
config = "{forged}"
max_age = "1s"

[defaults]
interval = "2s"
target = "main"
policies = [{{ kind = "keep_n_running", count = 2 }}]

[defaults.htcondor.pilot]
executable = "/bin/sleep"
arguments = ["600"]
memory = "1MB"
disk = "1MB"

[queue.GOOD]
"""
QUEUES = {
    "REFUSES": 'pilot.grid = { kind = "condor", host = "127.0.0.1", port = 1 }',
    "NO_NAME": 'pilot.grid = { kind = "condor", host = "no-such-host.invalid" }',
    "CLOSED": 'target = "closed"',
    "FOREIGN": 'target = "foreign"',
    "FORGED": 'target = "forged"',
    "EXPIRED": 'pilot.submit = { x509userproxy = "{home}/expired" }',
    "COMMAND": 'pilot.submit = { universe = "foo" }',
    "MUTTERED": 'pilot.submit = { should_transfer_files = "PERHAPS" }',
    "FULL": "",
}
WORDS = {
    "REFUSES": r"2 pending for a resource that is down since .*: condor 127\.0\.0\.1 127\.0\.0\.1:1$",
    "NO_NAME": r"2 pending for a resource that is down since .*: condor .* no-such-host\.invalid:9619$",
    "CLOSED": r'^submit at .*: Received "DENIED" from server for user \S+@testbed',
    "FOREIGN": r"^target foreign: .*Failed to authenticate using IDTOKENS",
    "FORGED": r"^target forged: .*Failed to authenticate using IDTOKENS",
    "EXPIRED": r"^submit at .*: proxy has expired",
    "COMMAND": r"I don't know about the 'foo' universe",
    "MUTTERED": r"makes no job of this pilot\. ERROR: invalid value \(PERHAPS\) for ShouldTransferFiles",
    "FULL": r"no room for pilot logs in '.*/FULL': 0 KiB are free",
}


@contextmanager
def closed_pool(ours: Pool) -> Iterator[Pool]:
    """A pool whose schedd lets us read and not write, and whose tokens claim to be those of `ours`."""
    extra = f"SCHEDD.DENY_WRITE = *@testbed\nTRUST_DOMAIN = testbed-{ours.folder.name}\n"
    with up(Pool("closed", daemons=FEW, extra=extra)) as pool:
        yield pool


def write_expired(proxy: Path) -> None:
    """A proxy whose time is over: a certificate and its key."""
    key, request, settings = (proxy.with_suffix(suffix) for suffix in (".key", ".csr", ".cnf"))
    proxy.with_suffix(".db").touch()
    settings.write_text(
        f"[ca]\ndefault_ca=c\n[c]\ndatabase={proxy.with_suffix('.db')}\nrand_serial=yes\n"
        f"new_certs_dir={proxy.parent}\npolicy=p\n[p]\ncommonName=supplied\n"
    )
    subject = ["-subj", "/CN=late", "-keyout", str(key), "-out", str(request)]
    run(["openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes", *subject], {})
    words = ["-config", str(settings), "-keyfile", str(key), "-in", str(request), "-out", str(proxy)]
    days = ["-startdate", "20200101000000Z", "-enddate", "20200102000000Z", "-md", "sha256"]
    run(["openssl", "ca", "-batch", "-notext", "-selfsign", *words, *days], {})
    proxy.write_text(proxy.read_text() + key.read_text())
    proxy.chmod(0o600)


def with_token_of(issuer: Pool, ours: Pool, home: Path) -> Path:
    """A configuration for `ours` with a token that another pool's key signed."""
    config = home / f"{issuer.folder.name}-token"
    config.write_text(f"include : {ours.config}\nSEC_TOKEN_DIRECTORY = {issuer.folder}/client.d\n")
    return config


@contextmanager
def full(folder: Path) -> Iterator[None]:
    """A folder on a file system of its own that has no room left."""
    folder.mkdir(parents=True)
    for part in (folder.parent, folder):
        part.chmod(0o1777)
    run(["mount", "-t", "tmpfs", "-o", "size=64k,mode=1777", "tmpfs", str(folder)], {})
    try:
        run(["dd", "if=/dev/zero", f"of={folder}/much"], {}, check=False)
        yield
    finally:
        run(["umount", str(folder)], {})


@pytest.fixture(scope="module")
def config(pool: Pool, other_pool: Pool) -> Iterator[Path]:
    """A factory that runs, with one queue that is right and one for everything that can be wrong."""
    with ExitStack() as stack:
        closed = stack.enter_context(closed_pool(pool))
        home = stack.enter_context(open_home())
        for day in (0, 86_400):  # midnight may pass
            date = time.strftime("%Y-%m-%d", time.gmtime(time.time() + day))
            stack.enter_context(full(home / "logs" / date / "FULL"))
        write_expired(home / "expired")
        configs = {
            "closed": closed.config,
            "foreign": with_token_of(other_pool, pool, home),
            "forged": with_token_of(closed, pool, home),
        }
        written = home / "factory.toml"
        head = HEAD.format(factory="bad-input", main=pool.config, **configs)
        queues = "".join(f"\n[queue.{name}]\n{text}\n" for name, text in QUEUES.items())
        written.write_text(head + queues.replace("{home}", str(home)))
        stack.enter_context(daemon(written))
        stack.callback(pool.clear)
        yield written


def complaints(config: Path, queue: str) -> str:
    """What a queue's last report says is wrong."""
    report = status(config)[queue]["report"] or {"error": None, "supply": None}
    troubles = (report["supply"] or {}).get("troubles", [])
    return "\n".join(filter(None, [report["error"], *troubles]))


@pytest.mark.parametrize("queue", QUEUES)
def test_what_is_wrong_stands_in_the_report_of_its_queue(config: Path, queue: str) -> None:
    def is_told() -> bool:
        return re.search(WORDS[queue], complaints(config, queue), re.M) is not None

    assert until(is_told, 60), complaints(config, queue)
    told = status(config)[queue]
    assert told["state"] in ("failed", "troubled")
    assert told["report"]["uncertain"] == 0  # so it is tried again, and nothing is counted that is not there


def test_the_queue_beside_them_goes_on(config: Path) -> None:
    def runs() -> bool:
        report = status(config)["GOOD"]["report"]
        return bool(report and report["supply"] and report["supply"]["running"] == 2)

    assert until(runs, 60), status(config)["GOOD"]
    before = status(config)["GOOD"]["report"]["cycle"]
    assert until(lambda: status(config)["GOOD"]["report"]["cycle"] >= before + 3, 30)
    assert status(config)["GOOD"]["state"] == "fine"
    assert complaints(config, "GOOD") == ""
