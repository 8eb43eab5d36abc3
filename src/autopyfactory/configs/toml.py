"""Configuration in TOML files: one file, or a main file with a folder `conf.d` beside it."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autopyfactory.configuration import Configuration
from autopyfactory.errors import ConfigError

PLACE = re.compile(r"^(?P<text>.*?) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$")
MORE = "conf.d"


class TomlConfig:
    """Reads a main file and then `conf.d/*.toml` beside it, or all `*.toml` of a folder and its `conf.d`.

    Files are taken in the order of their names; those that begin with a dot, as editors leave them, are
    passed over.  Nothing is read unless all of it can be read: a half configuration would stop queues.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)

    def read(self) -> Configuration:
        """All files as one configuration.  `ConfigError` with a line for every file that is broken."""
        parts, errors = [], []
        for file in self.files():
            try:
                parts.append((str(file), read_file(file)))
            except ConfigError as error:
                errors.append(str(error))
        if errors:
            raise ConfigError("\n".join(errors))
        return Configuration.join(parts, name=str(self.path), folder=self.folder().absolute())

    def folder(self) -> Path:
        """The folder to which relative paths refer."""
        return self.path if is_folder(self.path) else self.path.parent

    def files(self) -> list[Path]:
        """All files of the configuration, in the order in which they are read."""
        folder = self.folder()
        main = list_files(folder) if folder == self.path else [self.path]
        more = folder / MORE
        files = [*main, *(list_files(more) if is_folder(more) else [])]
        if not files:
            raise ConfigError(f"{self.path}: there is no file *.toml in this folder")
        return files


def is_folder(path: Path) -> bool:
    """Whether it is a folder; `ConfigError` where the path can be no path at all."""
    try:
        return path.is_dir()
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {say(error)}") from error


def list_files(folder: Path) -> list[Path]:
    """The files *.toml of a folder, sorted, without hidden ones."""
    try:
        found = sorted(folder.iterdir())
    except OSError as error:
        raise ConfigError(f"{folder} cannot be read: {say(error)}") from error
    return [path for path in found if path.suffix == ".toml" and not path.name.startswith(".")]


def read_file(path: Path) -> Mapping[str, Any]:
    """The tables of one file; `ConfigError` with line and column where it is broken."""
    text = decode(path)
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise ConfigError(f"{path}: lists or tables are nested too deeply") from error
    except ValueError as error:
        raise ConfigError(f"{path}: {place(str(error), text)}") from error


def decode(path: Path) -> str:
    """The text of a file; `ConfigError` where it cannot be read."""
    try:
        return path.read_bytes().decode()
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path}: line {line} is not text in UTF-8; save the file as UTF-8") from error
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} cannot be read: {say(error)}") from error


def place(message: str, text: str) -> str:
    """The parser's sentence with its place in front: 'line 3, column 5: expected ...'."""
    match = PLACE.match(message)
    if match is None:
        return f"no valid TOML: {message}"
    reason = match["text"][:1].lower() + match["text"][1:]
    if match["line"] is None:
        return f"line {text.count(chr(10)) + 1}, at the end of the file: {reason}"
    return f"line {match['line']}, column {match['column']}: {reason}"


def say(error: Exception) -> str:
    """What the system says, in plain words."""
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    return (error.strerror if isinstance(error, OSError) and error.strerror else str(error)).lower()
