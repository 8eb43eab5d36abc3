"""Queues: a queue of the plan from its table, its templates and the defaults that reach it."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, TypeVar

from autopyfactory.app.assembly import needs, words
from autopyfactory.app.assembly.chain import make_chain
from autopyfactory.app.assembly.definition import Parts, define
from autopyfactory.app.assembly.forms import DEFAULTS, Forms
from autopyfactory.app.assembly.layers import Layer, family, lay, liked
from autopyfactory.app.assembly.problems import Path
from autopyfactory.app.assembly.recipes import names
from autopyfactory.app.assembly.tables import QueueTable
from autopyfactory.app.assembly.validation import Complaint, adapter, check
from autopyfactory.app.assembly.workshop import NO_SOURCE, Workshop
from autopyfactory.configuration import Entry, Problem
from autopyfactory.cycle import Queue
from autopyfactory.errors import ConfigError
from autopyfactory.model import CredentialType
from autopyfactory.options import Options
from autopyfactory.plan import WrongQueue
from autopyfactory.ports import Policy
from autopyfactory.proofs import Proofs
from autopyfactory.sections import Demands, Section, Supplies

S = TypeVar("S", bound=Section)


class Draft:
    """One queue on its way into the plan.  `problems` are all that keep it out, its sections' too."""

    def __init__(self, name: str, forms: Forms, workshop: Workshop) -> None:
        self.name = name
        self.entry: Entry = ("queue", name)
        self.problems: dict[Problem, None] = {}
        self._forms = forms
        self._workshop = workshop
        self._findings = forms.findings
        self.templates = family(liked(forms.tables[self.entry]), forms.templates)
        self._laid = lay(self._layers((), ()))
        chosen = {word: self._laid.table.get(word) for word in ("source", "target")}
        kinds = {word: self._kinds(word, str(name or "")) for word, name in chosen.items()}
        if any(kinds.values()):
            self._laid = lay(self._layers(kinds["source"], kinds["target"]))
        self.table: QueueTable = adapter(QueueTable).validate_python(self._laid.table)

    def make(self) -> Queue | None:
        """The queue without its siblings; None, and problems, if anything of it is wrong."""
        source, target = self._find_source(), self._find_target()
        work = self._read("work", self.table.work, source)
        pilot: Any = self._read("pilot", self.table.pilot, target)
        credentials = self._find_credentials(target)
        policies, shadow = self._make_chains(self._sections(source, target))
        if self.problems or source is None or target is None or work is None or pilot is None:
            return None
        unknown = self.table.when_unknown
        return Queue(
            name=self.name,
            source=source,
            work=work,
            target=target,
            pilot=pilot,
            policies=policies,
            interval=self.table.interval.total_seconds(),
            when_unknown=None if unknown is None else unknown.submit,
            weight=self.table.weight,
            limits=self.table.guard,
            shadow=shadow,
            credentials=credentials,
            definition=define(
                self.table,
                Parts(
                    source=self._workshop.recipes.written["source", source.name],
                    target=self._workshop.recipes.written["target", target.name],
                    work=work,
                    pilot=pilot,
                    policies=policies,
                    shadow=shadow,
                ),
            ),
        )

    def _make_chains(self, sections: Mapping[str, str]) -> tuple[tuple[Policy, ...], tuple[Policy, ...]]:
        """The chain and its shadow, which need what the queue's sections can tell."""
        policies, complaints = make_chain(self.table.policies, self.table.policy)
        self._complain(complaints)
        shadow, doubtful = make_chain(self.table.shadow, {}, "shadow")
        self._complain(doubtful)
        self._complain(needs.compare(policies, self._workshop, sections))
        self._complain(needs.compare(shadow, self._workshop, sections, "shadow"))
        return policies, shadow

    def failure(self) -> WrongQueue:
        """Why the queue is not in the plan, and what is known of it all the same."""
        return WrongQueue(
            problems=tuple(self.problems),
            source=self.table.source,
            target=self.table.target,
            interval=self.table.interval.total_seconds(),
        )

    def _layers(self, source: Collection[str], target: Collection[str]) -> Iterator[Layer]:
        """Defaults, those of the kinds of source and target, templates, the queue; the faults of all."""
        yield self._layer(DEFAULTS)
        for kind in dict.fromkeys((*source, *target)):
            entry, table = self._layer((*DEFAULTS, kind))
            foreign = {"work": kind not in source, "pilot": kind not in target}
            yield Layer(entry, {key: value for key, value in table.items() if not foreign.get(key)})
        for template in self.templates:
            yield self._layer(("template", template))
        yield self._layer(self.entry)

    def _layer(self, entry: Entry) -> Layer:
        self.problems.update(dict.fromkeys(self._forms.faults.get(entry, ())))
        return Layer(entry, self._forms.tables.get(entry, {}))

    def _kinds(self, word: str, name: str) -> tuple[str, ...]:
        return self._workshop.recipes.kinds((word, name))

    def _find_source(self) -> Demands | None:
        if self.table.source is None:
            made = self._workshop.no_source()
            self.problems.update(dict.fromkeys(self._faults("source", NO_SOURCE)))
            return made
        return self._find("source", self.table.source, self._workshop.sources)

    def _find_target(self) -> Supplies | None:
        if self.table.target is None:
            known = words.missed("", names(self._findings.configuration, "target"))
            self._complain(
                [Complaint(("target",), f"is missing; name the target of this queue; {known}", True)]
            )
            return None
        return self._find("target", self.table.target, self._workshop.targets)

    def _find_credentials(self, target: Supplies | None) -> tuple[Proofs, ...]:
        """The credentials of the pilots, which the target must be able to give them."""
        found = []
        for index, name in enumerate(self.table.credentials):
            path = ("credentials", index)
            made = self._find("credential", name, self._workshop.credentials, path)
            found += [] if made is None else [made]
            if made is not None and target is not None:
                self._complain(refuse(made, target, path))
        return tuple(found)

    def _find(self, word: str, name: str, made: Mapping[str, S], path: Path = ()) -> S | None:
        """A section by its name; what is wrong with it is wrong with the queue."""
        there = names(self._findings.configuration, word)
        if name not in there:
            text = f"no {word} '{name[:80]}'; {words.missed(name, there)}"
            self._complain([Complaint(path or (word,), text)])
        self.problems.update(dict.fromkeys(self._faults(word, name)))
        return made.get(name)

    def _faults(self, word: str, name: str) -> tuple[Problem, ...]:
        return self._workshop.recipes.faults.get((word, name), ())

    def _read(self, key: str, table: Mapping[str, Any], section: Demands | Supplies | None) -> Options | None:
        """The queue's table for its source or target, as that wants it."""
        if section is None:
            self._look_at(key, table)
            return None
        plugin: Any = section.plugin
        if key == "work" and table and self.table.source is None:
            self._complain([Complaint((key,), "means nothing: the queue names no source")])
            return None
        value, complaints = self._compare(key, table, plugin.work if key == "work" else plugin.pilot)
        self._complain(complaints or self._check(key, plugin, value))
        return value if isinstance(value, Options) else None

    def _look_at(self, key: str, table: Mapping[str, Any]) -> None:
        """What is wrong with the table whatever is wrong with the section that it is for."""
        word = "source" if key == "work" else "target"
        model = self._workshop.recipes.model((word, getattr(self.table, word) or ""))
        if model is not None:
            self._complain(self._compare(key, table, model)[1])

    def _compare(self, key: str, table: Mapping[str, Any], model: type) -> tuple[Any, list[Complaint]]:
        """What a model makes of the table, or complaints."""
        checked = check(model, table, self._findings.configuration.folder)
        return checked.value, [
            Complaint((key, *wrong.path), wrong.text, wrong.missing) for wrong in checked.complaints
        ]

    def _check(self, key: str, plugin: Any, options: Any) -> list[Complaint]:
        """What the plug-in itself has against options that are well formed."""
        try:
            hash(options)
            if hasattr(plugin, "check"):
                plugin.check(options)
        except ConfigError as error:
            return [Complaint((key,), str(error))]
        except Exception as error:  # a stranger's code
            return [Complaint((key,), f"cannot be checked, which is a fault of the plug-in: {error!r}")]
        return []

    def _sections(self, source: Demands | None, target: Supplies | None) -> dict[str, str]:
        """Names of the sections whose gifts are known."""
        chosen = {"source": source, "target": target}
        return {word: section.name for word, section in chosen.items() if section is not None}

    def _complain(self, complaints: Collection[Complaint]) -> None:
        """Each complaint at the section that wrote what is wrong; what is missing, at the queue."""
        for path, text, missing in complaints:
            own = missing and path[0] not in ("policies", "shadow")
            entry = self.entry if own else self._laid.origin(path, self.entry)
            self.problems.setdefault(self._findings.add(entry, path, text))


def refuse(credential: Proofs, target: Supplies, path: Path) -> list[Complaint]:
    """A complaint about a credential that the target cannot give to its pilots."""
    takes: frozenset[CredentialType] = getattr(target.plugin, "takes", frozenset())
    if credential.type in takes:
        return []
    gives = f"those of type {', '.join(sorted(takes))} only" if takes else "none"
    text = f"credential '{credential.name}' is of type {credential.type}"
    return [Complaint(path, f"{text}, and target '{target.name}' can give its pilots {gives}")]
