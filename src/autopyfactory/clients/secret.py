"""A secret word in a file of its own: a client's secret, a refresh token, a passphrase."""

from pathlib import Path

from autopyfactory.clients.kept import KeptFile


def read_word(path: Path) -> str:
    """The word in a file that nobody else may touch; `Unavailable` says why there is none."""
    return KeptFile(path, parse_word).read()


def parse_word(content: bytes) -> str:
    """One line of text without what surrounds it; `ValueError` where there is no such."""
    word = content.decode("utf-8", "replace").strip()
    if not word or not word.isprintable() or "\N{REPLACEMENT CHARACTER}" in word:
        raise ValueError("holds no secret on a line of its own")
    return word
