"""A secret word in a file of its own: a client's secret, a refresh token, a passphrase."""

import os
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator

from autopyfactory.clients.kept import KeptFile
from autopyfactory.errors import Unavailable
from autopyfactory.options import Location

NO_FILE = "names no file that we can read; it wants the path of a file that holds the secret"


def read_word(path: Path) -> str:
    """The word in a file that nobody else may touch; `Unavailable` says why there is none."""
    return KeptFile(path, parse_word).read()


def parse_word(content: bytes) -> str:
    """One line of text without what surrounds it; `ValueError` where there is no such."""
    word = content.decode("utf-8", "replace").strip()
    if not word or not word.isprintable() or "\N{REPLACEMENT CHARACTER}" in word:
        raise ValueError("holds no secret on a line of its own")
    return word


def check_secret(path: Path) -> Path:
    """A file that holds a secret and that nobody else can touch; `ValueError` says what is wrong."""
    if not os.access(path, os.R_OK):  # not told: it may be the secret itself
        raise ValueError(NO_FILE)
    try:
        read_word(path)
    except Unavailable as error:
        raise ValueError(str(error)) from error
    return path.absolute()


Secret = Annotated[Location, AfterValidator(check_secret)]
