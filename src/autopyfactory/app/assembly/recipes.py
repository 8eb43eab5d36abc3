"""Recipes: of what every plug-in with a section is made, as that says.  Nothing is made yet."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from autopyfactory.app import registry
from autopyfactory.app.assembly import words
from autopyfactory.app.assembly.problems import Findings, Path
from autopyfactory.app.assembly.validation import check
from autopyfactory.app.description import queue_model
from autopyfactory.configuration import Configuration, Entry, Problem
from autopyfactory.errors import ConfigError
from autopyfactory.model import Place
from autopyfactory.options import Options
from autopyfactory.plan import FactorySettings

GROUPS = {
    "credential": "credentials",
    "catalog": "catalogs",
    "source": "sources",
    "target": "targets",
    "monitor": "monitors",
}


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that a plug-in is made of.  Made of the same, two are the same."""

    kind: str
    plugin: Any
    options: Options
    place: Place
    inner: "Recipe | None" = None
    credentials: "tuple[Recipe, ...]" = ()

    def make(self, credentials: Mapping[str, Any]) -> Any:
        """A new instance, around a new one of the inner recipe if there is one, with its credentials."""
        inner = [] if self.inner is None else [self.inner.make(credentials)]
        handed = tuple(credentials[recipe.place.section] for recipe in self.credentials)
        proofs = {"credentials": handed} if hasattr(self.plugin, "proves") else {}
        return self.plugin(self.options, self.place, *inner, **proofs)

    def proves(self) -> Iterator[str]:
        """The sections of all credentials that are handed to it, or to what it wraps."""
        yield from (recipe.place.section for recipe in self.credentials)
        yield from () if self.inner is None else self.inner.proves()

    def kinds(self) -> tuple[str, ...]:
        """Its kind after that of what it wraps."""
        return (*(() if self.inner is None else self.inner.kinds()), self.kind)


@dataclass(slots=True)
class Recipes:
    """The recipes of one configuration by entry, ("target", "ce01"), and the faults of the others."""

    findings: Findings
    settings: FactorySettings
    faults: dict[Entry, tuple[Problem, ...]]
    written: dict[Entry, Recipe] = field(default_factory=dict)
    named: set[Entry] = field(default_factory=set)  # by other sections
    loaded: dict[Entry, tuple[str, Any]] = field(default_factory=dict)  # kind and class, of faulty ones too

    def write_all(self) -> None:
        """Write the recipe of every section."""
        for word in GROUPS:
            for name in names(self.findings.configuration, word):
                self._recipe((word, name), ())

    def add(self, entry: Entry, kind: str) -> None:
        """The recipe of a section that nobody had to write."""
        try:
            plugin = registry.load(GROUPS[entry[0]], kind)
            self.written[entry] = Recipe(kind, plugin, plugin.options(), self._place(entry[1]))
        except ConfigError as error:
            self.fault(entry, (), str(error))

    def fault(self, entry: Entry, path: Path, text: str) -> None:
        """Note what is wrong with a section; nothing is made of it."""
        self.faults[entry] = (*self.faults.get(entry, ()), self.findings.add(entry, path, text))
        self.written.pop(entry, None)

    def kinds(self, entry: Entry) -> tuple[str, ...]:
        """The kind of a section after that of what it wraps, whatever else is wrong with it."""
        return tuple(kind for kind, _ in self._around(entry))

    def model(self, entry: Entry) -> type | None:
        """What a queue holds for a section, as far as its class alone tells."""
        classes = self._around(entry)
        return queue_model(GROUPS[entry[0]], classes[0][1])[1] if classes else None

    def _around(self, entry: Entry) -> list[tuple[str, Any]]:
        """Kind and class of a section and of those that it is wrapped around, the innermost first."""
        found: dict[Entry, tuple[str, Any]] = {}
        while entry in self.loaded and entry not in found:
            found[entry] = self.loaded[entry]
            inner = self.findings.configuration[entry[0]][entry[1]].get(getattr(found[entry][1], "wraps", ""))
            entry = (entry[0], str(inner))
        return list(found.values())[::-1]

    def _recipe(self, entry: Entry, around: tuple[Entry, ...]) -> Recipe | None:
        """The recipe of a section; None where there are faults."""
        if entry not in self.written and entry not in self.faults:
            recipe = self._write(entry, around)
            if recipe is not None and entry not in self.faults:
                self.written[entry] = recipe
        return self.written.get(entry)

    def _write(self, entry: Entry, around: tuple[Entry, ...]) -> Recipe | None:
        word, name = entry
        table = self.findings.configuration[word][name]
        if not words.is_name(name):
            self.fault(entry, (), f"a section's name is {words.NAMING}")
        if not isinstance(table, Mapping):
            self.fault(entry, (), f"must be a table; found {words.show(table)}")
            return None
        try:
            kind, plugin = load_kind(GROUPS[word], table.get("kind"))
        except ConfigError as error:
            self.fault(entry, ("kind",), str(error))
            return None
        self.loaded[entry] = kind, plugin
        options = {key: value for key, value in table.items() if key != "kind"}
        checked = check(plugin.options, options, self.findings.configuration.folder)
        for complaint in checked.complaints:
            self.fault(entry, complaint.path, complaint.text)
        if checked.value is None:
            return None
        proofs = self._credentials(entry, getattr(plugin, "proves", ""), checked.value)
        if not hasattr(plugin, "wraps"):
            return Recipe(kind, plugin, checked.value, self._place(name), credentials=proofs)
        inner = self._inner(entry, plugin.wraps, checked.value, (*around, entry))
        return (
            None if inner is None else Recipe(kind, plugin, checked.value, self._place(name), inner, proofs)
        )

    def _credentials(self, entry: Entry, key: str, options: Options) -> tuple[Recipe, ...]:
        """The recipes of the credentials that a section names by itself; a wrong one is a fault of it."""
        named = getattr(options, key, None) or ()
        recipes = []
        for name in (named,) if isinstance(named, str) else named:
            there = names(self.findings.configuration, "credential")
            if name not in there:
                self.fault(entry, (key,), f"no credential '{name[:80]}'; {words.missed(name, there)}")
                continue
            self.named.add(("credential", name))
            recipe = self._recipe(("credential", name), ())
            if recipe is None:
                self.faults.setdefault(entry, self.faults.get(("credential", name), ()))
            else:
                recipes.append(recipe)
        return tuple(recipes)

    def _inner(self, entry: Entry, key: str, options: Options, around: tuple[Entry, ...]) -> Recipe | None:
        """The recipe of the section that another one is wrapped around."""
        word = entry[0]
        inner = (word, str(getattr(options, key, "")))
        there = names(self.findings.configuration, word)
        if inner in around:
            circle = " -> ".join(name for _, name in (*around[around.index(inner) :], inner))
            self.fault(entry, (key,), f"{word}s are wrapped around one another in a circle: {circle}")
            return None
        if inner[1] not in there:
            self.fault(entry, (key,), f"no {word} '{inner[1]}'; {words.missed(inner[1], there)}")
            return None
        self.named.add(inner)
        recipe = self._recipe(inner, around)
        if recipe is None:
            self.faults.setdefault(entry, self.faults.get(inner, ()))
        return recipe

    def _place(self, name: str) -> Place:
        settings = self.settings
        return Place(
            section=name,
            factory=settings.id,
            logs=str(settings.logs),
            state=str(settings.state),
            url=settings.url,
        )


def names(configuration: Configuration, word: str) -> list[str]:
    """The sections `[word.x]`."""
    table = configuration.get(word)
    return list(table) if isinstance(table, Mapping) else []


def load_kind(group: str, kind: Any) -> tuple[str, Any]:
    """Kind and class; `ConfigError` says what is wrong."""
    if kind is None:
        raise ConfigError(f"is missing; it wants one of {', '.join(registry.kinds(group))}")
    if not isinstance(kind, str):
        raise ConfigError(f"must be text; found {words.show(kind)}")
    return kind, registry.load(group, kind)
