"""Layers: tables laid over one another, defaults first, with the memory of where every value is from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from autopyfactory.app.assembly.problems import Path
from autopyfactory.configuration import Entry

CHAIN, OVERRIDES = "policies", "policy"


class Layer(NamedTuple):
    """The table of one section, ("template", "grid")."""

    entry: Entry
    table: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Laid:
    """What the layers come to.  Tables are put into one another; lists and all else are replaced."""

    table: dict[str, Any] = field(default_factory=dict)
    origins: dict[Path, Entry] = field(default_factory=dict)

    def origin(self, path: Path, otherwise: Entry) -> Entry:
        """The section that says what stands at `path`, or what stands around it."""
        lengths = range(len(path), 0, -1)
        return next((self.origins[path[:n]] for n in lengths if path[:n] in self.origins), otherwise)

    def put(self, layer: Layer) -> None:
        """Lay one more table on top.

        A new chain begins afresh: overrides from below were meant for another one.
        """
        if CHAIN in layer.table:
            self.table.pop(OVERRIDES, None)
        self._put(self.table, layer.table, (), layer.entry)

    def _put(self, below: dict[str, Any], table: Mapping[str, Any], path: Path, entry: Entry) -> None:
        for key, value in table.items():
            here = (*path, key)
            self.origins[here] = entry
            if not isinstance(value, Mapping):
                below[key] = value
                continue
            inner = below.get(key)
            if not isinstance(inner, dict):
                inner = below[key] = {}
            self._put(inner, value, here, entry)


def lay(layers: Iterable[Layer]) -> Laid:
    """All layers, the first at the bottom."""
    laid = Laid()
    for layer in layers:
        laid.put(layer)
    return laid


def family(names: Iterable[str], templates: Mapping[str, Any]) -> list[str]:
    """Templates and all that they are like, each once and after what it is like; absent ones are left out."""
    found: list[str] = []
    entered: set[str] = set()
    waiting = [(name, False) for name in reversed(list(names))]
    while waiting:
        name, done = waiting.pop()
        if done:
            found.append(name)
        elif name not in entered and name in templates:
            entered.add(name)
            waiting.append((name, True))
            waiting += [(parent, False) for parent in reversed(liked(templates[name]))]
    return found


def liked(table: Any) -> list[str]:
    """The templates that a table names in `like`; none where that is wrong."""
    like = table.get("like", ()) if isinstance(table, Mapping) else ()
    names = [like] if isinstance(like, str) else like
    return [name for name in names if isinstance(name, str)] if isinstance(names, list | tuple) else []
