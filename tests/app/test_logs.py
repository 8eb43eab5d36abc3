"""Where the daemon's log goes, and what its lines look like."""

import logging
import re
from pathlib import Path

import pytest

from autopyfactory.app.logs import set_up
from autopyfactory.errors import ConfigError
from autopyfactory.plan import FactorySettings, Level

LOGGER = logging.getLogger("autopyfactory.app.daemon")


def flush() -> None:
    """Wait until all is written."""
    for handler in logging.getLogger("autopyfactory").handlers:
        handler.flush()


def settings(log: str, level: Level = Level.INFO) -> FactorySettings:
    return FactorySettings(id="one", log=log, log_level=level)


def test_a_line_begins_with_the_time_in_utc(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    set_up(settings("stderr"))
    LOGGER.info("hello %d", 5)
    LOGGER.debug("too fine")
    flush()
    line = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z INFO app\.daemon: hello 5\n"
    assert re.fullmatch(line, capsys.readouterr().err)


def test_the_level_is_as_told(capsys: pytest.CaptureFixture[str]) -> None:
    set_up(settings("stderr", Level.ERROR))
    LOGGER.warning("no")
    LOGGER.error("yes")
    flush()
    assert capsys.readouterr().err.endswith("yes\n")


@pytest.mark.parametrize(
    ("level", "prefix"), [(logging.DEBUG, "<7>"), (logging.INFO, "<6>"), (logging.ERROR, "<3>")]
)
def test_the_journal_reads_a_priority_before_each_line(
    level: int, prefix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up(settings("journal", Level.DEBUG))
    LOGGER.log(level, "two\nlines")
    flush()
    assert capsys.readouterr().err == f"{prefix}two\n{prefix}lines\n"


def test_a_second_set_up_takes_the_place_of_the_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up(settings("stderr"))
    set_up(settings(str(tmp_path / "log")))
    LOGGER.info("hello")
    flush()
    assert capsys.readouterr().err == ""
    assert (tmp_path / "log").read_text().count("hello") == 1


def test_a_file_that_cannot_be_written_is_the_operators_to_mend(tmp_path: Path) -> None:
    set_up(settings(str(tmp_path / "log")))
    with pytest.raises(ConfigError, match=r"\[factory\] log = .*gone/log': No such file"):
        set_up(settings(str(tmp_path / "gone" / "log")))
    LOGGER.info("the old one still writes")
    flush()
    assert "still writes" in (tmp_path / "log").read_text()
