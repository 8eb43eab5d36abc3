"""Monitor `history`: every report into one file of the state folder, for `apf explain` and its kin."""

from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import Field

from autopyfactory.history.retention import Keep
from autopyfactory.history.writer import Writer
from autopyfactory.model import Place, Report
from autopyfactory.options import Days, Options, Size

FILE = "history.sqlite"


class HistoryOptions(Options):
    """How much is kept; the oldest reports go first."""

    keep_days: Days = 400
    """Days that reports are kept."""
    keep_bytes: Annotated[Size, Field(ge=10**6)] = 2 * 10**9
    """Size of the file above which the oldest reports go."""


class HistoryMonitor:
    """A diary: nothing that the factory does depends on it, and it may be deleted at any time."""

    options: ClassVar[type[HistoryOptions]] = HistoryOptions
    lull: ClassVar[float] = 4.0  # seconds: a transaction for a few reports costs more than all their rows

    def __init__(self, options: HistoryOptions, place: Place) -> None:
        keep = Keep(days=options.keep_days, bytes=options.keep_bytes)
        self._writer = Writer(Path(place.state) / FILE, keep)

    def record(self, report: Report) -> None:
        """Keep a report.  Raises `Unavailable`, with the number of reports lost, when writing fails."""
        self._writer.add(report)

    def flush(self) -> None:
        """Write what waits.  Errors as for `record`."""
        self._writer.flush()

    def close(self) -> None:
        """Write what waits, and let the file go."""
        self._writer.close()
