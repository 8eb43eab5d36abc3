"""The daemon's own log: to stderr, to the journal, or to a file that may be rotated under it.  In UTC."""

import logging
import sys
import time
from logging.handlers import WatchedFileHandler
from pathlib import Path

from autopyfactory.app.outflow import Outflow
from autopyfactory.errors import ConfigError
from autopyfactory.plan import FactorySettings

FORMAT = "%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s: %(message)s"
TIME = "%Y-%m-%dT%H:%M:%S"
PRIORITIES = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3, logging.CRITICAL: 2}


class Plain(logging.Formatter):
    """One line per record, beginning with the time in UTC; the package's name is left out."""

    converter = staticmethod(time.gmtime)

    def __init__(self) -> None:
        super().__init__(FORMAT, TIME)

    def format(self, record: logging.LogRecord) -> str:
        """The record as text."""
        return super().format(record).replace(" autopyfactory.", " ", 1)


class Prefixed(logging.Formatter):
    """What systemd's journal reads from stderr: a priority before each line, and no time."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as text."""
        prefix = f"<{PRIORITIES.get(record.levelno, 5)}>"
        return "\n".join(prefix + line for line in super().format(record).splitlines())


class LogFile(WatchedFileHandler):
    """A file that may be rotated, and whose folder may vanish: who logs never fails because of it."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record, or complain on stderr."""
        try:
            super().emit(record)
        except OSError:
            self.handleError(record)


def set_up(settings: FactorySettings) -> None:
    """Send the log where the settings say; a second time, to where they say now.

    Who logs never waits for it: see `Outflow`.
    """
    root = logging.getLogger("autopyfactory")
    handler = Outflow(make_handler(settings.log))
    root.setLevel(settings.log_level.upper())
    for old in root.handlers[:]:
        root.removeHandler(old)
        old.close()
    root.addHandler(handler)
    root.propagate = False


def make_handler(log: str) -> logging.Handler:
    """Where the log goes; `ConfigError` when that cannot be written."""
    if log in ("stderr", "journal"):
        handler: logging.Handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(Prefixed() if log == "journal" else Plain())
        return handler
    try:
        handler = LogFile(Path(log).expanduser(), encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"[factory] log = {log!r}: {error.strerror}") from error
    handler.setFormatter(Plain())
    return handler
