"""How the running factory is shown."""

import signal
from datetime import UTC, datetime
from pathlib import Path

import pytest

from autopyfactory.app.commands.status_table import find, row, some, tell
from autopyfactory.errors import ConfigError
from autopyfactory.testing import until
from daemons import HANGING, HEAD, apf, daemon, parse, status, write

NOON = datetime(2030, 1, 31, 12, tzinfo=UTC)


def test_queues_in_trouble_come_first(tmp_path: Path) -> None:
    hanging = HANGING.replace('timeout = "1m"', 'timeout = "100ms"').partition("[defaults]")[0]
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
    queue = {
        "queue": "a",
        "state": "stopped",
        "report": None,
        "error": "no thread",
        "problems": [],
        "next": None,
    }
    assert row(queue, (), NOON) == ("a", "stopped", "", "", "", "", "no thread")


def test_a_queue_that_waits_tells_when_its_first_cycle_is_due() -> None:
    queue = {"queue": "a", "state": "waits", "report": None, "error": None, "problems": []}
    assert row({**queue, "next": "2030-01-31T12:04:00Z"}, (), NOON)[-1] == "first cycle in 4m"
    assert row({**queue, "next": "2030-01-31T11:59:00Z"}, (), NOON)[-1] == "first cycle in 0s"


def test_troubles_of_the_pilots_stand_in_the_row() -> None:
    report = {"verdict": "submitted 1", "supply": {"troubles": ["2 held: code 12", "1 pending"]}}
    queue = {"queue": "a", "state": "held", "report": report, "error": None, "problems": [], "next": None}
    assert row(queue, (), NOON)[-1] == "submitted 1; 2 held: code 12; 1 pending"


def test_columns_for_held_and_uncertain_pilots_are_there_when_there_are_some(
    capsys: pytest.CaptureFixture[str],
) -> None:
    supply = {"pending": 4, "running": 0, "held": 3, "uncertain": 0}
    report = {"cycle": 7, "supply": supply, "verdict": "nothing: no work waits"}
    queue = {"queue": "a", "state": "held", "report": report, "error": None, "problems": [], "next": None}
    about = {"factory": "f", "version": "1", "pid": 1, "since": "2030-01-31T12:00:00Z", "monitors": {}}
    about |= {"credentials": {}}
    tell({**about, "broken": None, "queues": [queue]})
    titles, cells = capsys.readouterr().out.splitlines()[1:]
    assert titles.split()[:7] == ["queue", "state", "cycle", "ready", "pending", "running", "held"]
    assert cells.split()[:6] == ["a", "held", "7", "4", "0", "3"]
    supply["held"] = 0
    tell({**about, "broken": None, "queues": [queue]})
    assert "held" not in capsys.readouterr().out.splitlines()[1]


def test_breakers_that_are_not_closed_are_told_below_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    about = {"factory": "f", "version": "1", "pid": 1, "since": "2030-01-31T12:00:00Z", "monitors": {}}
    words = "the breaker of queue q is open for 42 s more, after 10 failures in a row"
    tell({**about, "broken": None, "queues": [], "guard": {"cuts": [], "breakers": [{"words": words}]}})
    assert capsys.readouterr().out.splitlines()[-1] == words


def test_credentials_in_trouble_are_told_below_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    about = {"factory": "f", "version": "1", "pid": 1, "since": "2030-01-31T12:00:00Z", "monitors": {}}
    credentials = {
        "fine": {"trouble": None, "failed": 0},
        "old": {"trouble": "/old expired", "failed": 0},
        "late": {"trouble": None, "failed": 3},
    }
    tell({**about, "broken": None, "queues": [], "credentials": credentials})
    assert capsys.readouterr().out.splitlines()[2:] == [
        "credential old: /old expired",
        "credential late: valid still; renewal failed 3 times",
    ]


def test_what_a_monitor_dropped_failed_or_lost_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    fine = {"dropped": 0, "failed": 0, "lost": 0}
    monitors = {"log": fine, "board": fine | {"failed": 2}, "apfmon": fine | {"lost": 3}}
    about = {"factory": "f", "version": "1", "pid": 1, "since": "2030-01-31T12:00:00Z", "monitors": monitors}
    tell({**about, "broken": None, "queues": []})
    assert capsys.readouterr().out.splitlines()[-2:] == [
        "monitor board: 0 reports dropped, 2 failed",
        "monitor apfmon: 0 reports dropped, 0 failed, 3 facts lost",
    ]


def test_a_configuration_that_broke_on_disk_is_shown_and_is_trouble(tmp_path: Path) -> None:
    config = write(tmp_path, ["A"])
    with daemon(config) as process:
        assert apf("status", config).returncode == 0
        config.write_text(config.read_text() + "[queue.B\n")
        process.send_signal(signal.SIGHUP)
        assert until(lambda: apf("status", config).returncode == 1)
        said = apf("status", config).stdout.splitlines()
        assert any("configuration on disk is broken since 20" in line for line in said)
        assert parse(apf("status", config, "--json").stdout)["broken"]["error"].startswith(str(config))


def test_many_queues_are_named_at_most_some() -> None:
    assert some(["a", "b"]) == "a, b"
    assert some([f"q{number}" for number in range(23)]).endswith(", q19 and 3 more")


def test_catalogues_are_told_below_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    about = {"factory": "f", "version": "1", "pid": 1, "since": "2030-01-31T12:00:00Z", "monitors": {}}
    catalogs = {
        "fine": {"queues": 5, "left_out": 0, "trouble": None},
        "some": {"queues": 1, "left_out": 2, "trouble": None},
        "away": {"queues": 3, "left_out": None, "trouble": "HTTP 503; the copy of noon serves"},
    }
    tell({**about, "broken": None, "queues": [], "catalogs": catalogs})
    assert capsys.readouterr().out.splitlines()[2:] == [
        "catalog fine: 5 queues",
        "catalog some: 1 queue; 2 places left out, see `apf catalog`",
        "catalog away: 3 queues; HTTP 503; the copy of noon serves",
    ]
