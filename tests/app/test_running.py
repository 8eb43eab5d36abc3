"""What runs is known from a file, from the daemon, or from its history."""

from pathlib import Path

import pytest

from assembling import PROCESS, planned
from autopyfactory.app.assembly.assemble import assemble
from autopyfactory.app.running import find_running
from autopyfactory.errors import ConfigError
from autopyfactory.history.database import FILE
from autopyfactory.history.retention import Keep
from autopyfactory.history.writer import Writer
from autopyfactory.model import Report
from daemons import apf, daemon, write

TABLES = {"factory": {"id": "site-one", "state": "state"}}


def queues(tables: object) -> list[str]:
    plan = planned(assemble(tables, PROCESS))  # type: ignore[arg-type]
    return sorted(plan.queues)


def test_a_file_that_is_named_is_what_runs(tmp_path: Path) -> None:
    config = write(tmp_path, ["A"])
    found = find_running(tmp_path / "absent.toml", config, None, TABLES)
    assert (found.origin, found.is_whole, list(found.tables["queue"])) == (str(config), True, ["A"])


def test_a_daemon_tells_what_it_has_loaded_whatever_the_file_says_by_now(tmp_path: Path) -> None:
    config = write(tmp_path, ["A", "B"])
    with daemon(config):
        write(tmp_path, ["C"])
        found = find_running(config, None, None, TABLES)
    assert (found.origin, found.is_whole) == ("what the running daemon has loaded", True)
    assert queues(found.tables) == ["A", "B"]


def test_without_a_daemon_the_last_cycles_of_the_history_tell(tmp_path: Path) -> None:
    config = write(tmp_path, ["A", "B"])
    assert apf("run", config, "--cycles", 2).returncode == 0
    found = find_running(config, None, None, TABLES)
    assert "history" in found.origin
    assert not found.is_whole
    assert queues(found.tables) == ["A", "B"]


def test_where_there_is_neither_it_asks_for_a_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no daemon runs at .*, and there is no history of one.*--running"):
        find_running(write(tmp_path), None, None, TABLES)


def test_an_empty_history_tells_nothing(tmp_path: Path) -> None:
    writer = Writer(tmp_path / FILE, Keep(days=1, bytes=10**9))
    writer.add(Report(queue="A", wall=0.0))  # so old that it goes at once
    writer.close()
    with pytest.raises(ConfigError, match="no cycle has ended yet; name what runs, --running OLD"):
        find_running(tmp_path, None, tmp_path, TABLES)
