"""The workshop: makes plug-ins of their recipes, or keeps those of the last plan."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autopyfactory.app.assembly.recipes import GROUPS, Recipe, Recipes, names
from autopyfactory.configuration import Entry
from autopyfactory.errors import ConfigError
from autopyfactory.model import CredentialType
from autopyfactory.options import Options
from autopyfactory.plan import Plan
from autopyfactory.ports import Catalog, Credential, Monitor
from autopyfactory.proofs import Proofs
from autopyfactory.sections import Demands, Process, Section, Supplies

NO_SOURCE = "(none)"  # the source of queues that name none; nobody can write a section of this name
BARE = ("monitor", "catalog")  # what is no section: nothing shares it
NO_MONITOR = "log"
HISTORY = "history"  # the monitor that is always there, unless [factory] says that there is none


@dataclass(slots=True)
class Workshop:
    """What came of the recipes; one that cannot be made becomes a fault."""

    recipes: Recipes
    process: Process
    previous: Plan | None = None
    sources: dict[str, Demands] = field(default_factory=dict)
    targets: dict[str, Supplies] = field(default_factory=dict)
    credentials: dict[str, Proofs] = field(default_factory=dict)
    monitors: dict[str, Monitor] = field(default_factory=dict)
    catalogs: dict[str, Catalog] = field(default_factory=dict)
    keepers: dict[Path, str] = field(default_factory=dict)  # of files that a credential writes

    def make_all(self) -> None:
        """Make all that is written, a monitor if none is, and the history."""
        self.recipes.write_all()
        written = names(self.recipes.findings.configuration, "monitor")
        if not written:
            self.recipes.add(("monitor", NO_MONITOR), "log")
        kinds = {kind for name in written for kind in self.recipes.kinds(("monitor", name))}
        if self.recipes.settings.history and HISTORY not in {*written, *kinds}:
            self.recipes.add(("monitor", HISTORY), HISTORY)
        for entry in list(self.recipes.written):
            self._make(entry)

    def no_source(self) -> Demands | None:
        """The source that knows no work, made when the first queue needs it."""
        entry = ("source", NO_SOURCE)
        if NO_SOURCE not in self.sources and entry not in self.recipes.faults:
            self.recipes.add(entry, "null")
            self._make(entry)
        return self.sources.get(NO_SOURCE)

    def _make(self, entry: Entry) -> None:
        """Take what the last plan made of the same recipe, or make it anew."""
        word, name = entry
        recipe = self.recipes.written.get(entry)
        if recipe is None or not self._can_prove(entry, recipe):
            return
        same = self.previous is not None and self.previous.recipes.get(entry) == recipe
        kept: Any = getattr(self.previous, GROUPS[word]).get(name) if same else None
        try:
            made = self._new(word, name, recipe) if kept is None else kept
        except ConfigError as error:
            self.recipes.fault(entry, (), str(error))
            return
        if word != "credential" or self._keeps_alone(entry, made.plugin):
            getattr(self, GROUPS[word])[name] = made

    def _keeps_alone(self, entry: Entry, plugin: Credential) -> bool:
        """Whether no other credential writes its files; a fault where one does."""
        name, paths = entry[1], getattr(plugin, "keeps", ())
        for path in paths:
            keeper = self.keepers.setdefault(path, name)
            if keeper != name:
                key = ("path",) if "path" in plugin.options.model_fields else ()
                self.recipes.fault(
                    entry, key, f"credential '{keeper}' keeps '{path}', too; name another file"
                )
                return False
        return True

    def _can_prove(self, entry: Entry, recipe: Recipe) -> bool:
        """Whether all its credentials were made; what is wrong with one is wrong with the section."""
        for name in recipe.proves():
            if name not in self.credentials:
                self.recipes.faults.setdefault(entry, self.recipes.faults.get(("credential", name), ()))
        return entry not in self.recipes.faults

    def _new(self, word: str, name: str, recipe: Recipe) -> Any:
        """A new plug-in, wrapped as the core wants it; `ConfigError` when it cannot be made."""
        try:
            plugin = recipe.make(self.credentials)
            proper = is_proper(word, plugin)
        except ConfigError:
            raise
        except Exception as error:  # a stranger's code
            raise ConfigError(f"'{recipe.kind}' cannot be made, which is its fault: {error!r}") from error
        if not proper:
            raise ConfigError(f"'{recipe.kind}' is no proper {word}: compare it with autopyfactory.ports")
        if word in BARE:
            return plugin
        options: Any = recipe.options
        section: Any = WRAPPERS[word](name, plugin, options, self.process)
        section.credentials = tuple(self.credentials[used] for used in recipe.proves())
        return section


WRAPPERS: Mapping[str, Callable[..., Section]] = {
    "credential": Proofs,
    "source": Demands,
    "target": Supplies,
}


def is_proper(word: str, plugin: Any) -> bool:
    """Whether a plug-in says what the core must know of one of this kind."""
    if word in BARE:
        return True
    if word == "credential":
        keeps = getattr(plugin, "keeps", ())
        return isinstance(plugin.type, CredentialType) and isinstance(keeps, Collection)
    table = plugin.work if word == "source" else plugin.pilot
    return issubclass(table, Options) and isinstance(plugin.gives, frozenset)
