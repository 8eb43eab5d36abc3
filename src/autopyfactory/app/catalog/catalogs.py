"""Catalogues: a configuration with the queues that its catalogues give beside those written by hand."""

import logging
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from autopyfactory.app.assembly.assemble import UNNAMED
from autopyfactory.app.assembly.problems import Findings
from autopyfactory.app.assembly.recipes import Recipes, names
from autopyfactory.app.assembly.settings import read_settings
from autopyfactory.app.assembly.workshop import Workshop
from autopyfactory.app.catalog.copies import Copies
from autopyfactory.app.catalog.joining import find_slips, find_unread, join
from autopyfactory.app.catalog.reading import Reader, Reading
from autopyfactory.configs.toml import TomlConfig
from autopyfactory.configuration import Configuration
from autopyfactory.fleet import Fleet
from autopyfactory.ledger import Ledger
from autopyfactory.options import CatalogSection
from autopyfactory.plan import FactorySettings, Plan
from autopyfactory.sections import Process

log = logging.getLogger(__name__)
WORDS = ("factory", "credential", "catalog")  # what a catalogue is made of
IDLE = 60.0  # seconds between two looks for catalogues where there are none, or after a failure
GRACE = 1.0  # seconds for what was opened to be closed


def read_whole(config: Path) -> Configuration:
    """A configuration with the queues of its catalogues, for who only looks."""
    process = Process(clock=time.monotonic, fleet=Fleet(), ledger=Ledger())
    return Catalogs(process).furnish(TomlConfig(config).read())


@dataclass(slots=True)
class Catalogs:
    """Reads all catalogues of a configuration; what was read is kept on disk once `keep` was called."""

    process: Process
    accept: bool = False
    readings: dict[str, Reading] = field(default_factory=dict)
    is_keeping: bool = False
    pause: float = IDLE  # seconds to the next reading
    _copies: dict[str, Copies] = field(default_factory=dict)
    _told: dict[str, str] = field(default_factory=dict)

    def furnish(self, written: Configuration, running: Plan | None = None) -> Configuration:
        """The configuration with the queues of its catalogues; what is written by hand has the last word.

        A catalogue without an answer and without a copy is a problem of its section.
        """
        if not names(written, "catalog"):
            self.readings, self.pause = {}, IDLE
            return written
        part = {word: written[word] for word in WORDS if word in written}
        findings = Findings(replace(written, tables=part))
        settings = read_settings(findings) or UNNAMED
        workshop = Workshop(Recipes(findings, settings, {}), self.process, running)
        workshop.make_all()
        try:
            readers = list(self._readers(workshop, settings))
            self.readings = {reader.name: self._read(reader) for reader in readers}
            self.pause = min(map(self._pause, readers), default=IDLE)
        finally:
            kept = () if running is None else running.credentials.values()
            for section in workshop.credentials.values():
                if section not in kept:
                    section.close(GRACE)
        problems = Findings(written)
        find_unread(problems, findings, workshop.catalogs)
        find_slips(problems)
        return join(written, self.readings.values(), problems)

    def keep(self) -> None:
        """Write down what was read, now and from now on: this process has the right to act."""
        self.is_keeping = True
        for name, reading in self.readings.items():
            reading.keep(self._copies[name])

    def tell(self) -> Mapping[str, Any]:
        """How each catalogue does, by its last reading, for status."""
        return {name: reading.describe() for name, reading in self.readings.items()}

    def _readers(self, workshop: Workshop, settings: FactorySettings) -> Iterator[Reader]:
        for name, catalog in workshop.catalogs.items():
            options = workshop.recipes.written["catalog", name].options
            if settings.state is not None and isinstance(options, CatalogSection):
                self._copies[name] = Copies(settings.state, name)
                yield Reader(name=name, catalog=catalog, options=options, copies=self._copies[name])

    def _pause(self, reader: Reader) -> float:
        refresh = reader.options.refresh.total_seconds()
        return refresh if self.readings[reader.name].seen is not None else min(refresh, IDLE)

    def _read(self, reader: Reader) -> Reading:
        reading = reader.read(accept=self.accept)
        if self.is_keeping:
            reading.keep(reader.copies)
        if reading.trouble != self._told.get(reader.name, ""):
            log.log(
                logging.WARNING if reading.trouble else logging.INFO,
                "catalog %s: %s",
                reader.name,
                reading.trouble or "answers again, and is believed",
            )
        self._told[reader.name] = reading.trouble
        return reading
