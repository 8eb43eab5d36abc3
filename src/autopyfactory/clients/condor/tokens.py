"""HTCondor's own tokens: the tools that make them, and folders that hold them."""

import os
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from autopyfactory.clients.command import Command
from autopyfactory.clients.kept import OTHERS, read, refuse_others
from autopyfactory.clients.tokens import Token, read_token
from autopyfactory.errors import Unavailable

CREATE, FETCH = "condor_token_create", "condor_token_fetch"


def make_token(words: Sequence[str], environment: Mapping[str, str], timeout: timedelta) -> str:
    """What one of the tools prints; `Unavailable` says why it made none."""
    printed = Command(words, environment, timeout).run().decode("ascii", "replace").split()
    if len(printed) != 1:
        raise Unavailable(f"{words[0]} printed no token")
    return printed[0]


def find_token(folder: Path) -> str:
    """Of the tokens in a folder that are ours, the one that is valid longest; else `Unavailable`."""
    try:
        files = sorted(file for file in folder.iterdir() if not file.name.startswith("."))
    except OSError as error:
        raise Unavailable(f"'{folder}': {error.strerror}") from error
    found = [token for file in files for token in read_tokens(file)]
    if not found:
        raise Unavailable(f"'{folder}' holds no token of ours for nobody else's eyes")
    return max(found, key=lambda pair: pair[0].end)[1]


def read_tokens(file: Path) -> list[tuple[Token, str]]:
    """The tokens in a file, one a line, that HTCondor would use."""
    try:
        status, content = read(file)
        refuse_others(file, status, OTHERS)
        if status.st_uid != os.geteuid():
            return []
        lines = content.decode("ascii", "replace").split()
        return [(read_token(line.encode()), line) for line in lines]
    except (OSError, ValueError):
        return []
