"""What of the pilots' logs may go, and what goes first.  Pure: it reads nothing and removes nothing."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

DAY = 86400.0  # seconds
SILENT = 7 * DAY  # a pilot that keeps no event log has surely ended after so long without a word
OPEN = 30 * DAY  # and one whose event log knows no end, after so long
NAME = re.compile(r"\d{4}-\d{2}-\d{2}")
FILE = re.compile(r"(.+?)(\.job\d+)?\.[A-Za-z]+")  # "17.0.out", "20300131T120000-9f-1.job17.err"


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """How long logs are kept, in days, and how many bytes of them; None: without end."""

    days: int | None = None
    bytes: int | None = None
    queues: Mapping[str, int] = field(default_factory=dict)  # days of those that say else

    def is_endless(self) -> bool:
        """Whether nothing ever goes."""
        return self.days is None and self.bytes is None and not self.queues

    def is_expired(self, day: date, queue: str, now: float) -> bool:
        """Whether the logs of a day are older than their queue keeps them."""
        days = self.queues.get(queue, self.days)
        return days is not None and age(day, now) > days


@dataclass(frozen=True, slots=True, kw_only=True)
class Papers:
    """All files of one pilot; they stay together."""

    pilot: str
    files: tuple[str, ...]
    size: int = 0  # bytes
    written: float = 0.0  # when any of them was last written, seconds since the epoch
    has_events: bool = False  # whether one of them is the batch system's event log
    has_ended: bool = False  # whether that tells the pilot's end

    def may_run(self, now: float) -> bool:
        """Whether their pilot may still write them, or was seen too lately to say."""
        quiet = now - self.written
        if self.has_ended:
            return quiet < DAY
        return quiet < (OPEN if self.has_events else SILENT)


def parse_day(name: str) -> date | None:
    """The day of a folder; None where it is the folder of no day."""
    try:
        return date.fromisoformat(name) if NAME.fullmatch(name) else None
    except ValueError:
        return None


def age(day: date, now: float) -> int:
    """How many days ago a day was, in UTC, as the folders are."""
    return (datetime.fromtimestamp(now, UTC).date() - day).days


def may_fill(day: date, now: float) -> bool:
    """Whether pilots of a day may still run that have not written a word: their folder must stay."""
    return age(day, now) * DAY <= SILENT


def pilot_of(name: str) -> str:
    """The pilot to which a file belongs."""
    match = FILE.fullmatch(name)
    return match[1] if match else name


def choose(papers: Collection[Papers], *, expired: bool, excess: int, room: int, now: float) -> list[Papers]:
    """What goes of one folder, the oldest first.

    All that is over if it has `expired`, else only until `excess` bytes are gone; `room` files at most.
    """
    chosen = []
    for one in sorted(papers, key=lambda one: (one.written, one.pilot)):
        if not expired and excess <= 0:
            break
        if one.may_run(now):
            continue
        room -= len(one.files)
        if room < 0:
            break
        excess -= one.size
        chosen.append(one)
    return chosen
