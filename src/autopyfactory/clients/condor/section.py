"""The options of a section that keeps jobs in a schedd."""

from dataclasses import replace
from datetime import timedelta
from enum import StrEnum

from autopyfactory.clients.condor.fields import Word
from autopyfactory.clients.condor.identity import Identity
from autopyfactory.clients.condor.options import Contact
from autopyfactory.options import Duration, Flag, Size


class Counted(StrEnum):
    """Whose pilots count."""

    OURS = "ours"
    ALL = "all"


class Sequel(StrEnum):
    """Which of equally useless pilots is retired first."""

    NEWEST = "newest"
    OLDEST = "oldest"


class JobsSection(Contact):
    """Which schedd, what counts there, and how files get there and back."""

    count: Counted = Counted.OURS
    """Count this factory's pilots only, or those of every factory that uses the same queue names."""
    peaceful: bool = True
    """Never retire a pilot that runs."""
    retire: Sequel = Sequel.NEWEST
    """Which pilots are retired first, among those in the same state."""
    history: Flag = True
    """Read how pilots ended from the schedd's history, for policies such as throttle."""
    monitor: Word = ""
    """URL that pilots report to; they find it in APFMON."""
    user: Word = ""
    """Name of the factory's user; pilots find it in FACTORYUSER."""
    spool: Flag = False
    """Send the schedd the pilots' files and fetch their output: it shares no disk with us."""
    largest_output: Size = 100_000_000
    """Largest file that is fetched ('100MB'); of a pilot with a larger one, some or all output is lost."""
    keep_output: Duration = timedelta(days=3)
    """How long the schedd keeps the output of an ended pilot while nobody fetches it."""
    delegate: Flag = True
    """Give a spooled pilot a proxy derived from ours, whose key never travels; else a copy, encrypted."""

    @property
    def identity(self) -> Identity:
        """What a contact has, and how proxies travel."""
        contact = super().identity
        if not self.spool:
            return contact
        way = (
            ("DELEGATE_JOB_GSI_CREDENTIALS", str(self.delegate)),
            ("DELEGATE_JOB_GSI_CREDENTIALS_LIFETIME", "0"),
        )
        return replace(contact, settings=(*contact.settings, *way))
