"""A configuration put together again from the definitions of its queues, which daemon and history keep."""

import json
from collections.abc import Mapping
from typing import Any

from autopyfactory.app import registry
from autopyfactory.app.assembly.workshop import NO_SOURCE
from autopyfactory.errors import ConfigError

AS_IT_IS = ("work", "pilot", "policies", "shadow", "interval", "weight", "guard", "credentials")
ELSEWHERE = ("credential", "monitor")  # what definitions do not hold


def restore(definitions: Mapping[str, str], factory: Any, beside: Mapping[str, Any]) -> dict[str, Any]:
    """The tables of these queues and of what they name; `factory` is the table of that name.

    Credentials and monitors are those of another configuration `beside` them.  Of two definitions of one
    section the later one counts.  `ConfigError` where a text is no definition.
    """
    tables: dict[str, Any] = {"factory": prune(factory), "source": {}, "target": {}, "queue": {}}
    tables |= {word: beside[word] for word in ELSEWHERE if word in beside}
    for name, text in definitions.items():
        tables["queue"][name] = restore_queue(name, text, tables)
    return tables


def restore_queue(name: str, text: str, tables: dict[str, Any]) -> dict[str, Any]:
    """The table of one queue; its source and target go into `tables`."""
    try:
        whole = json.loads(text)
        queue = {key: whole[key] for key in AS_IT_IS if key in whole}
        sections = {word: whole[word] for word in ("source", "target")}
        unknown = whole["when_unknown"]
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"nobody knows what queue '{name}' was configured as") from error
    for word, section in sections.items():
        if section["name"] != NO_SOURCE:
            queue[word] = restore_section(word, section, tables)
    if unknown is not None:
        queue["when_unknown"] = {"submit": unknown}
    pruned: dict[str, Any] = prune(queue)
    return pruned


def restore_section(word: str, section: Mapping[str, Any], tables: dict[str, Any]) -> str:
    """Put a section, and what it is wrapped around, into `tables`; its name."""
    options = dict(section["options"])
    if "inner" in section:
        wrapper = registry.load(f"{word}s", section["kind"])
        options[wrapper.wraps] = restore_section(word, section["inner"], tables)
    name = str(section["name"])
    tables[word][name] = {"kind": section["kind"], **prune(options)}
    return name


def prune(value: Any) -> Any:
    """Tables without what is unset, which nobody can write."""
    if isinstance(value, Mapping):
        return {key: prune(inner) for key, inner in value.items() if inner is not None}
    return [prune(inner) for inner in value] if isinstance(value, list | tuple) else value
