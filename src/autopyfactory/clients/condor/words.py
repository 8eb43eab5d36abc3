"""The words of HTCondor's submit language: quoting, so that what an operator writes arrives as written."""

import re
from collections.abc import Iterable
from functools import lru_cache

CLUSTER = "$(Cluster).$(Process)"
SPECIAL = re.compile(r"[\s']")


def literal(text: str) -> str:
    """Text in which no `$` is taken for a macro, neither by the submission nor where the job is matched.

    Two in a row would be read as one thing, `$$(...)`, whatever either of them is written as.
    """
    if "$" not in text:
        return text
    return "$$(DOLLARDOLLAR)".join(part.replace("$", "$(DOLLAR)") for part in text.split("$$"))


def string(text: str) -> str:
    """Text as a ClassAd string; macros in it stay macros."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


@lru_cache(maxsize=1024)
def canonical(command: str) -> str:
    """A submit command in one spelling: '+Name' and 'MY.name' are the same attribute."""
    lower = command.lower()
    return f"my.{lower[1:]}" if lower.startswith("+") else lower


def arguments(words: Iterable[str]) -> str:
    """Words as the value of `arguments`, in the new syntax."""
    return _quoted(_word(word) for word in words)


def environment(variables: Iterable[tuple[str, str]]) -> str:
    """Variables as the value of `environment`, in the new syntax; macros in them stay macros."""
    return _quoted(f"{name}={_word(value)}" for name, value in variables)


def _word(word: str) -> str:
    if word and not SPECIAL.search(word):
        return word
    inner = word.replace("'", "''")
    return f"'{inner}'"


def _quoted(words: Iterable[str]) -> str:
    inner = " ".join(words).replace('"', '""')
    return f'"{inner}"'
