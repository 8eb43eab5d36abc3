"""Types of fields: texts that can stand in a submit description, and files that must be there."""

import os
import re
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator

from autopyfactory.clients.condor.syntax import mistake
from autopyfactory.options import Table

COMMAND = re.compile(r"\+?[A-Za-z_][A-Za-z0-9_.]*")
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
URL = re.compile(r"https?://[^/?#]+([/?#].*)?")
EXPRESSIONS = {"requirements", "rank", "leave_in_queue"} | {
    f"{when}_{what}" for when in ("periodic", "on_exit") for what in ("hold", "release", "remove")
}
STATEMENTS = {"queue", "include", "use", "if", "elif", "else", "endif", "error", "warning"}


def check_file(path: Path) -> Path:
    """An absolute path to a file that we can read."""
    if not path.is_absolute():
        raise ValueError(f"'{path}' is no absolute path")
    if not path.is_file():
        raise ValueError(f"'{path}' does not exist, or is no regular file")
    return path


def check_executable(path: Path) -> Path:
    """An absolute path to a file that can be executed."""
    if not os.access(check_file(path), os.X_OK):
        raise ValueError(f"'{path}' is not executable; chmod +x")
    return path


def check_word(text: str) -> str:
    """Text that can be quoted on one line of a submit description."""
    if any(ord(character) < 32 and character != "\t" for character in text):
        raise ValueError(f"{text!r} holds a line break or another control character")
    if "$(DOLLAR)" in text.upper():
        raise ValueError(f"{text!r}: the submit language has no way to write '$(DOLLAR)' itself")
    return text


def check_line(text: str) -> str:
    """Text that stands unquoted on one line of a submit description."""
    if check_word(text).rstrip().endswith("\\"):
        raise ValueError(f"{text!r} ends with a backslash, which would swallow the next line")
    return text


def check_name(text: str) -> str:
    """A name as daemons have them, or host:port."""
    if re.search(r"[\s\"'\\,]", text):
        raise ValueError(f"{text!r} is no name: it holds a blank, a quote, a comma or a backslash")
    return text


def check_url(text: str) -> str:
    """A web address with a host."""
    if not URL.fullmatch(check_name(text)):
        raise ValueError(f"{text!r} is no URL, such as 'https://host.example.org:443'")
    return text


def check_commands(table: Table) -> Table:
    """Submit commands: a name of the submit language and one line each."""
    for name, value in table:
        if not COMMAND.fullmatch(name) or name.lower() in STATEMENTS:
            raise ValueError(f"{name!r} is no submit command; attributes of the job are written '+Name'")
        check_line(value)
        wrong = mistake(value) if is_expression(name) and "$" not in value else ""
        if wrong:
            raise ValueError(f"{name} = {value!r} is no ClassAd expression: {wrong}")
    return table


def is_expression(command: str) -> bool:
    """Whether the value of a submit command is a ClassAd expression, as those of attributes always are."""
    return command.startswith("+") or command.lower().startswith("my.") or command.lower() in EXPRESSIONS


def check_variables(table: Table) -> Table:
    """Environment variables, one line each."""
    for name, value in table:
        if not VARIABLE.fullmatch(name):
            raise ValueError(f"{name!r} is no name of an environment variable")
        check_word(value)
    return table


Name = Annotated[str, AfterValidator(check_name)]
Word = Annotated[str, AfterValidator(check_word)]
Line = Annotated[str, AfterValidator(check_line)]
Url = Annotated[str, AfterValidator(check_url)]
Executable = Annotated[Path, AfterValidator(check_executable)]
File = Annotated[Path, AfterValidator(check_file)]
Commands = Annotated[Table, AfterValidator(check_commands)]
Variables = Annotated[Table, AfterValidator(check_variables)]
