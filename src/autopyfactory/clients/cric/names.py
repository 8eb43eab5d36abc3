"""Names of queues: the same from one reading to the next, and never two alike."""

import hashlib
import re
from collections.abc import Hashable, Iterable, Mapping
from typing import TypeVar

K = TypeVar("K", bound=Hashable)

LONGEST = 64
STRANGE = re.compile(r"[^A-Za-z0-9._+-]+")
MARK = 6  # characters that tell two apart


def clean(words: Iterable[str]) -> str:
    """Words as one name: letters, digits and . _ + -, 64 characters at most.

    A longer one is cut, and ends with a mark of the whole, so that it depends on nothing else.
    """
    whole = "-".join(word for word in words if word)
    name = STRANGE.sub("-", whole).lstrip("._+-") or "queue"
    return name if len(name) <= LONGEST else with_mark(name, whole)


def with_mark(name: str, whole: str) -> str:
    """The name, cut if need be, with a mark that only depends on `whole`."""
    mark = hashlib.sha256(whole.encode()).hexdigest()[:MARK]
    return f"{name[: LONGEST - MARK - 1]}-{mark}"


def tell_apart(names: Mapping[K, str]) -> dict[K, str]:
    """Names none of which is another's: the first keeps its own, later ones get a mark of their key."""
    taken: set[str] = set()
    found: dict[K, str] = {}
    for key, name in names.items():
        found[key] = name if name not in taken else with_mark(name, repr(key))
        taken.add(found[key])
    return found
