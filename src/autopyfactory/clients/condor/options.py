"""The options by which a section names its schedd, and a pilot its job."""

import os
import re
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, model_validator

from autopyfactory.clients.condor.client import Identity
from autopyfactory.options import Options, PilotOptions, Size, Table

COMMAND = re.compile(r"\+?[A-Za-z_][A-Za-z0-9_.]*")
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
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


def check_commands(table: Table) -> Table:
    """Submit commands: a name of the submit language and one line each."""
    for name, value in table:
        if not COMMAND.fullmatch(name) or name.lower() in STATEMENTS:
            raise ValueError(f"{name!r} is no submit command; attributes of the job are written '+Name'")
        check_line(value)
    return table


def check_variables(table: Table) -> Table:
    """Environment variables, one line each."""
    for name, value in table:
        if not VARIABLE.fullmatch(name):
            raise ValueError(f"{name!r} is no name of an environment variable")
        check_word(value)
    return table


Name = Annotated[str, AfterValidator(check_name)]
Word = Annotated[str, AfterValidator(check_word)]
Executable = Annotated[Path, AfterValidator(check_executable)]
File = Annotated[Path, AfterValidator(check_file)]
Commands = Annotated[Table, AfterValidator(check_commands)]
Variables = Annotated[Table, AfterValidator(check_variables)]


class Contact(Options):
    """Which schedd."""

    collector: Name = ""
    """Collector that knows the schedd, 'host:port'; by default that of the HTCondor configuration."""
    schedd: Name = ""
    """Name of the schedd; by default the one of this machine, or the only one that `collector` knows."""
    config: File | None = None
    """HTCondor configuration to use instead of CONDOR_CONFIG or /etc/condor/condor_config."""

    @property
    def identity(self) -> Identity:
        """What sections that speak to the same schedd in the same way have in common."""
        return Identity(
            collector=self.collector, schedd=self.schedd, config=str(self.config) if self.config else ""
        )


class Job(PilotOptions):
    """What a pilot is at HTCondor."""

    executable: Executable
    """Absolute path of the program that is the pilot."""
    arguments: tuple[Word, ...] = ()
    """Its arguments, a list of words; each arrives as it is written, whatever characters it holds."""
    environment: Variables = ()
    """Environment variables of the pilot; values arrive as they are written."""
    memory: Size | None = None
    """Memory to ask for ('2GB'); by default as the schedd is configured."""
    disk: Size | None = None
    """Disk to ask for ('10GB'); by default as the schedd is configured."""
    submit: Commands = ()
    """Raw submit commands, {'+ProjectName' = '"x"'}; they win over everything that the factory writes."""

    @model_validator(mode="after")
    def check_queue_is_ours(self) -> Self:
        """The marks by which the factory finds its pilots are not for the operator to change."""
        for name, _ in self.submit:
            if canonical(name) in MARKS:
                raise ValueError(f"submit command {name!r}: by this attribute the factory knows its pilots")
        return self


def canonical(command: str) -> str:
    """A submit command in one spelling: '+Name' and 'MY.name' are the same attribute."""
    lower = command.lower()
    return f"my.{lower[1:]}" if lower.startswith("+") else lower


MARKS = {"my.apf_factory", "my.apf_tag", "my.match_apf_queue"}
