"""One reading of one catalogue: what it says now, what is believed of it, and what to keep."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from autopyfactory.app.assembly.words import number
from autopyfactory.app.catalog.belief import Doubt, Rule
from autopyfactory.app.catalog.copies import BELIEVED, DOUBTED, Copies, Copy
from autopyfactory.configuration import Extract
from autopyfactory.errors import FactoryError, Unavailable, keep
from autopyfactory.fields import timestamp
from autopyfactory.options import CatalogSection
from autopyfactory.ports import Catalog
from autopyfactory.shared import say

T = TypeVar("T")
APART = 0.5  # of `refresh`: readings that are nearer to one another are one


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one catalogue came to.

    `extract` is in force, None where there is nothing; `seen` is what it says now, None where it does not
    answer; `before` what was in force until now.  `trouble` says why what it says is not in force.
    """

    name: str
    extract: Extract | None
    seen: Extract | None = None
    before: Extract | None = None
    trouble: str = ""
    believed: Copy | None = None  # None: the copy that is kept stays
    doubted: Copy | None = None

    def describe(self) -> dict[str, Any]:
        """In figures: queues that are in force, places left out of what it says now, and the trouble."""
        verdicts = () if self.seen is None else self.seen.verdicts
        return {
            "queues": 0 if self.extract is None else len(self.extract.queues),
            "left_out": None if self.seen is None else sum(not verdict.queue for verdict in verdicts),
            "trouble": self.trouble or None,
        }

    def keep(self, copies: Copies) -> None:
        """Write down what the next reading must know."""
        if self.believed is not None:
            copies.write(BELIEVED, self.believed)
        if self.seen is not None:
            copies.write(DOUBTED, self.doubted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Reads one catalogue and holds its answer against the last one that was believed."""

    name: str
    catalog: Catalog
    options: CatalogSection
    copies: Copies

    def read(self, *, accept: bool = False) -> Reading:
        """Ask it now; `accept` believes the answer whatever it is.  Nothing is written."""
        kept = self.copies.read(BELIEVED)
        before, fault = self._extract(kept)
        try:
            document = ask(self.catalog.fetch)
            seen = ask(lambda: self.catalog.extract(document))
        except FactoryError as error:
            return self._fall_back(kept, before, error, fault)
        now = time.time()
        fresh = Reading(
            name=self.name,
            extract=seen,
            seen=seen,
            before=before,
            believed=Copy(document=document, moment=now),
        )
        if accept or before is None:
            return fresh
        rule = Rule(
            fall=self.options.fall,
            agree=self.options.agree,
            apart=self.options.refresh.total_seconds() * APART,
        )
        doubt = rule.doubt(before.queues.keys(), seen.queues.keys(), self._earlier(), now)
        if doubt is None:
            return fresh
        return replace(
            fresh,
            extract=before,
            trouble=self._tell(before, seen, doubt),
            believed=None,
            doubted=Copy(document=document, moment=doubt.moment, count=doubt.count),
        )

    def _earlier(self) -> Doubt | None:
        """The last reading, where it was not believed."""
        copy = self.copies.read(DOUBTED)
        extract, _ = self._extract(copy)
        if copy is None or extract is None:
            return None
        return Doubt(queues=frozenset(extract.queues), moment=copy.moment, count=copy.count)

    def _extract(self, copy: Copy | None) -> tuple[Extract | None, str]:
        """What a copy comes to with the section as it is now, or why to nothing."""
        if copy is None:
            return None, "there is no copy of an earlier reading"
        try:
            return ask(lambda: self.catalog.extract(copy.document)), ""
        except FactoryError as error:
            return None, str(error)

    def _fall_back(self, kept: Copy | None, before: Extract | None, error: Exception, fault: str) -> Reading:
        """The last copy serves."""
        if kept is None or before is None:
            more = "" if fault == str(error) else f"; {fault}"
            return Reading(name=self.name, extract=None, trouble=f"{say(error)}{more}")
        trouble = f"{say(error)}; the copy of {timestamp(kept.moment)} serves"
        return Reading(name=self.name, extract=before, before=before, trouble=trouble)

    def _tell(self, before: Extract, seen: Extract, doubt: Doubt) -> str:
        """Why what was read is not in force."""
        lost = len(before.queues.keys() - seen.queues.keys())
        more = number(self.options.agree - doubt.count, "more reading")
        return (
            f"{lost} of {number(len(before.queues), 'queue')} have vanished, which is not believed: the old"
            f" ones stay until {more} agree, or until `apf catalog CONFIG --accept`"
        )


def ask(call: Callable[[], T]) -> T:
    """What a catalogue answers; `FactoryError` whatever else it does."""
    try:
        return call()
    except FactoryError:
        raise
    except Exception as error:  # a stranger's code
        raise Unavailable(f"the catalogue fails, which is a fault of its plug-in: {error!r}") from keep(error)
