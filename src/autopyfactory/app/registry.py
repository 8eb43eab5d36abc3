"""The registry: plug-ins, ours and strangers', found by entry points and loaded when they are named."""

from collections.abc import Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from autopyfactory.app.assembly import words
from autopyfactory.app.description import Description, describe_plugin
from autopyfactory.errors import ConfigError
from autopyfactory.options import CatalogSection, CredentialSection, Options, SourceSection, TargetSection

GROUPS = ("policies", "sources", "targets", "monitors", "credentials", "catalogs", "configs")
ANCESTORS: Mapping[str, type[Options]] = {
    "sources": SourceSection,
    "targets": TargetSection,
    "monitors": Options,
    "catalogs": CatalogSection,
    "credentials": CredentialSection,
}


@cache
def entries(group: str) -> Mapping[str, EntryPoint]:
    """The declared plug-ins of a group by kind; of two with the same kind the one that comes first."""
    if group not in GROUPS:
        raise ConfigError(f"no '{group}' among the kinds of plug-ins; {words.missed(group, GROUPS)}")
    found = sorted(entry_points(group=f"autopyfactory.{group}"), key=lambda entry: entry.name)
    return {entry.name: entry for entry in reversed(found)}


def package(group: str, kind: str) -> tuple[str, str] | None:
    """Name and version of the package that declares a plug-in; None where nobody knows it."""
    return origin(entries(group)[kind])


@cache
def origin(entry: EntryPoint) -> tuple[str, str] | None:
    """Name and version of its package, read once: they stand in a file that is parsed each time."""
    return None if entry.dist is None else (entry.dist.name, entry.dist.version)


def kinds(group: str) -> list[str]:
    """The kinds of a group, sorted; nothing is imported."""
    return sorted(entries(group))


def load(group: str, kind: str) -> Any:
    """The class of a plug-in; `ConfigError` when there is none, or none that can be used."""
    known = entries(group)
    if kind not in known:
        raise ConfigError(f"no '{kind[:80]}' among {group}; {words.missed(kind, kinds(group))}")
    entry = known[kind]
    try:
        plugin = entry.load()
    except Exception as error:  # whatever a stranger's code does when it is imported
        reason = str(error) if isinstance(error, ImportError) else repr(error)
        mend = advise(entry, error)
        raise ConfigError(f"'{kind}' among {group} cannot be loaded: {reason}; {mend}") from error
    fault = find_fault(group, plugin)
    if fault:
        raise ConfigError(f"'{kind}' among {group} is no plug-in: {entry.value} {fault}")
    return plugin


def advise(entry: EntryPoint, error: Exception) -> str:
    """What to do about a plug-in that cannot be loaded: mostly the extra that is not installed."""
    package = f"{entry.dist.name} {entry.dist.version}" if entry.dist is not None else entry.value
    missing = error.name if isinstance(error, ModuleNotFoundError) and error.name else ""
    if entry.dist is None or not missing or missing.split(".")[0] == entry.module.split(".")[0]:
        return f"this is a fault of {package}: install it anew, or another version"
    extras = entry.dist.metadata.get_all("Provides-Extra") or []
    if entry.name in extras:
        return f"install it with: pip install '{entry.dist.name}[{entry.name}]'"
    return f"install '{missing}', which {package} uses"


def find_fault(group: str, plugin: Any) -> str:
    """What a class lacks to be a plug-in of its group; empty if nothing."""
    if not isinstance(plugin, type):
        return "is not a class"
    if group == "policies":
        told = {name for base in plugin.__mro__ for name in vars(base)}  # `hasattr` finds type's own __call__
        lacks = [name for name in ("needs", "cap", "__call__") if name not in told]
        return f"has no {words.join_or(lacks)}" if lacks else ""
    ancestor = ANCESTORS.get(group)
    options = getattr(plugin, "options", None)
    if ancestor is None or (isinstance(options, type) and issubclass(options, ancestor)):
        return ""
    return f"has no `options`, a descendant of {ancestor.__name__}"


def describe(group: str) -> list[Description]:
    """Every plug-in of a group with its options, from the code; one that cannot be loaded with the reason."""
    found = []
    for kind in kinds(group):
        declared = " ".join(package(group, kind) or ())
        try:
            found.append(describe_plugin(group, kind, declared, load(group, kind)))
        except ConfigError as error:
            found.append(Description(group=group, kind=kind, package=declared, error=str(error)))
    return found
