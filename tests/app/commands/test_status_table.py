"""How the running factory is shown."""

from pathlib import Path

import pytest

from autopyfactory.app.commands.status_table import find, row
from autopyfactory.errors import ConfigError
from daemons import HANGING, HEAD, apf, daemon, parse, status, write
from plugged import until


def test_queues_in_trouble_come_first(tmp_path: Path) -> None:
    hanging = HANGING.replace('timeout = "10m"', 'timeout = "100ms"').partition("[defaults]")[0]
    head = HEAD + hanging.partition("[target.here]")[2].join(["\n[target.there]", ""])
    config = write(tmp_path, ["A", "B", "C"], head, tail='target = "there"\n\n[queue.D]\nintervall = 1\n')
    with daemon(config):
        assert until(
            lambda: (
                {name: queue["state"] for name, queue in status(config).items()}
                == {"A": "fine", "B": "fine", "C": "failed", "D": "wrong"}
            )
        )
        told = apf("status", config, "--json")
        assert [queue["queue"] for queue in parse(told.stdout)["queues"]] == ["D", "C", "A", "B"]
        assert told.returncode == 1
        lines = [line.split() for line in apf("status", "--state", tmp_path / "state").stdout.splitlines()]
        assert [line[:2] for line in lines[2:]] == [
            ["D", "wrong"],
            ["C", "failed"],
            ["A", "fine"],
            ["B", "fine"],
        ]
        assert "'interval'?" in lines[2]


def test_a_reload_tells_what_changed_and_what_is_wrong(tmp_path: Path) -> None:
    config = write(tmp_path, ["A", "B"])
    with daemon(config):
        assert apf("status", config).returncode == 0
        write(tmp_path, ["A", "C"])
        done = apf("reload", config)
        assert (done.returncode, done.stdout.splitlines()) == (0, ["started: C", "stopped: B"])
        write(tmp_path, ["A", "C"], tail="intervall = 1\n")
        done = apf("reload", config, "--json")
        assert done.returncode == 2
        assert parse(done.stdout)["kept"] == ["C"]
        assert "kept: C" in apf("reload", "--state", tmp_path / "state").stdout
        config.write_text("[factory")
        assert apf("reload", "--state", tmp_path / "state").returncode == 2
        assert status(config)["A"]["state"] == "fine"


def test_without_a_word_the_only_factory_is_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    with pytest.raises(ConfigError, match=r"no factory under .*; name a CONFIG"):
        find(None, None)
    for name in ("one", "two"):
        folder = tmp_path / "autopyfactory" / name
        folder.mkdir(parents=True)
        (folder / "control.sock").touch()
        if name == "one":
            assert find(None, None) == folder
    with pytest.raises(ConfigError, match=r"several factories under .*: one, two; name"):
        find(None, None)


def test_a_queue_without_a_report_is_a_row_all_the_same() -> None:
    queue = {"queue": "a", "state": "stopped", "report": None, "error": "no thread", "problems": []}
    assert row(queue) == ("a", "stopped", "", "", "", "", "no thread")
