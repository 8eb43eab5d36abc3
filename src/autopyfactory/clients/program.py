"""A program as an operator names it: a word that is looked for in PATH, or a path."""

import difflib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path


def missing(name: str, path: str | None = None) -> str:
    """Why it cannot be executed, with the nearest that can; empty where it can.

    `path` is where a word is looked for; without it, PATH of our own environment.
    """
    if shutil.which(name, path=path) is not None:
        return ""
    near = difflib.get_close_matches(name, candidates(name, path), 1)
    guess = f"; did you mean {near[0]!r}?" if near else ""
    return f"{name!r} is not an executable file, nor found in PATH{guess}"


def candidates(name: str, path: str | None) -> Iterator[str]:
    """The programs that could be meant: of the same folder, or in PATH."""
    if "/" in name:
        folder = Path(name).parent
        yield from (str(folder / program) for program in programs(folder))
        return
    for place in (os.get_exec_path() if path is None else path.split(os.pathsep)) if name else ():
        yield from programs(Path(place))


def programs(folder: Path) -> Iterator[str]:
    """The names of the executable files of a folder that can be read."""
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    yield from (entry.name for entry in entries if entry.is_file() and os.access(entry.path, os.X_OK))
