"""Whereabouts: the state folder that a configuration names, also where the rest of it is broken."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from autopyfactory.app.assembly.words import is_name
from autopyfactory.app.state import default_folder
from autopyfactory.configs.toml import TomlConfig, decode
from autopyfactory.errors import ConfigError

TITLE = re.compile(r"^\s*\[\s*factory\s*\]", re.MULTILINE)
NEXT = re.compile(r"^\s*\[", re.MULTILINE)


def locate(config: Path) -> Path:
    """Where the factory of this configuration keeps its state.

    Reads `id` and `state` of [factory] and nothing else: a daemon that runs is found whatever somebody
    has just written into its files.  `ConfigError` when neither can be read.
    """
    source = TomlConfig(config)
    known: dict[str, Any] = {}
    for file in source.files():
        known = {**read(file), **known}
    name, state = known.get("id"), known.get("state")
    with suppress(RuntimeError):  # there is no such home folder
        if isinstance(state, str) and state and "\0" not in state:
            return source.folder().absolute() / Path(state).expanduser()
        if isinstance(name, str) and is_name(name):
            return default_folder(name)
    try:
        source.read()
        reason = f"{config}: [factory] names no factory"
    except ConfigError as error:
        reason = str(error)
    raise ConfigError(
        f"{reason}\nso nobody knows where its daemon listens; name its state folder: --state DIR"
    )


def read(file: Path) -> Mapping[str, Any]:
    """What stands below [factory] in a file, as far as it is TOML."""
    try:
        text = decode(file)
    except ConfigError:
        return {}
    return next(filter(None, map(parse, (text, *blocks(text)))), {})


def blocks(text: str) -> Iterator[str]:
    """The section [factory] alone, whole and then line by line shorter, for where a line in it is broken."""
    title = TITLE.search(text)
    if title is None:
        return
    end = NEXT.search(text, title.end())
    lines = text[title.start() : end.start() if end else None].splitlines()
    yield from ("\n".join(lines[:count]) for count in range(len(lines), 0, -1))


def parse(text: str) -> Mapping[str, Any]:
    """The table [factory] of a text; empty where there is none, or no TOML."""
    try:
        table = tomllib.loads(text).get("factory")
    except (ValueError, RecursionError):
        return {}
    return table if isinstance(table, Mapping) else {}
