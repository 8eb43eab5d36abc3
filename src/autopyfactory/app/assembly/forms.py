"""Forms: what is written in `[defaults]`, templates and queues, each looked at by itself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from autopyfactory.app import registry
from autopyfactory.app.assembly import words
from autopyfactory.app.assembly.chain import load_policy
from autopyfactory.app.assembly.layers import family, liked
from autopyfactory.app.assembly.problems import Findings
from autopyfactory.app.assembly.recipes import names
from autopyfactory.app.assembly.tables import KEYS, QueueTable
from autopyfactory.app.assembly.validation import Complaint, check
from autopyfactory.configuration import Entry, Problem
from autopyfactory.errors import ConfigError

DEFAULTS: Entry = ("defaults",)
TOO_EARLY = "does not belong here: which defaults a queue gets depends on it"


@dataclass(slots=True)
class Forms:
    """The right parts of every table, and the faults of the wrong ones, by entry, ("queue", "SITE_A")."""

    findings: Findings
    faults: dict[Entry, tuple[Problem, ...]]
    tables: dict[Entry, Mapping[str, Any]] = field(default_factory=dict)
    templates: Mapping[str, Any] = field(default_factory=dict)

    def read_all(self) -> None:
        """Look at all sections that say something of queues."""
        configuration = self.findings.configuration
        templates = configuration.get("template")
        self.templates = templates if isinstance(templates, Mapping) else {}
        self._read_defaults(configuration.get("defaults", {}))
        for word in ("template", "queue"):
            for name in names(configuration, word):
                self._read_named((word, name), configuration[word][name])

    def _read_defaults(self, table: Any) -> None:
        if not isinstance(table, Mapping):
            return  # said already: what has this name is a table
        known = {*registry.kinds("sources"), *registry.kinds("targets")} - KEYS
        for kind in known & set(table):
            self._read((*DEFAULTS, kind), table[kind], dict.fromkeys(("like", "source", "target"), TOO_EARLY))
        wrong = {key: unknown_default(key, table[key], known) for key in table if key not in KEYS | known}
        own = {key: value for key, value in table.items() if key not in known}
        self._read(
            DEFAULTS, own, {**wrong, "like": "does not belong here: only queues and templates have it"}
        )

    def _read_named(self, entry: Entry, table: Any) -> None:
        word, name = entry
        if not words.is_name(name):
            self._fault(entry, Complaint((), f"a {word}'s name is {words.NAMING}"))
        self._read(entry, table, {})
        likes = liked(table)
        for like in likes:
            if like not in self.templates:
                text = f"no template '{like}'; {words.missed(like, self.templates)}"
                self._fault(entry, Complaint(("like",), text))
        if word == "template" and name in family(likes, self.templates):
            self._fault(entry, Complaint(("like",), "templates are like one another in a circle"))

    def _read(self, entry: Entry, table: Any, refused: Mapping[str, str]) -> None:
        """Keep what is right; `refused` says why some keys are wrong here."""
        if not isinstance(table, Mapping):
            self._fault(entry, Complaint((), f"must be a table; found {words.show(table)}"))
            table = {}
        complaints = [Complaint((key,), refused[key]) for key in table if key in refused]
        rest = {key: value for key, value in table.items() if key not in refused}
        complaints += check(QueueTable, rest).complaints
        for complaint in complaints:
            self._fault(entry, complaint)
        wrong = {complaint.path[0] for complaint in complaints if complaint.path}
        self.tables[entry] = {key: value for key, value in rest.items() if key not in wrong}
        for key in ("policies", "shadow"):
            self._look_at_chain(entry, key)

    def _look_at_chain(self, entry: Entry, key: str) -> None:
        """Find wrong kinds also where no queue uses the chain; it is a fault only of those that do."""
        for index, policy in enumerate(self.tables[entry].get(key, ())):
            try:
                load_policy(policy)
            except ConfigError as error:
                place = (key, index) if "kind" in policy else (key, index, "kind")
                self.findings.add(entry, place, str(error))

    def _fault(self, entry: Entry, complaint: Complaint) -> None:
        problem = self.findings.add(entry, complaint.path, complaint.text)
        self.faults[entry] = (*self.faults.get(entry, ()), problem)


def unknown_default(key: str, value: Any, kinds: Iterable[str]) -> str:
    """The sentence for a key of [defaults] that is neither a queue's nor a kind."""
    names_here = [*KEYS, *kinds]
    what = (
        "neither a key of a queue nor a kind of source or target"
        if isinstance(value, Mapping)
        else "unknown key"
    )
    return f"{what}; {words.missed(key, names_here)}"
