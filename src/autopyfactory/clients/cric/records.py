"""Records of the catalogue: JSON of either generation, read without trusting any field."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

Record = Mapping[str, Any]
NOTHING = {"", "none", "null"}  # AGIS writes None as a word
MOST = 10**9


def parse(document: bytes) -> Mapping[str, Any]:
    """The entries by name; `ValueError` when it is no catalogue."""
    try:
        data = json.loads(document)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"the catalogue is no JSON: {error}") from error
    if not isinstance(data, dict):
        raise ValueError("the catalogue is no JSON object of queues by name")
    if not any(is_queue(entry) for entry in data.values()):
        raise ValueError(f"the catalogue has {len(data)} entries, and none of them is a queue")
    return data


def is_queue(entry: Any) -> bool:
    """Whether it is a record of a queue, in use or not."""
    return isinstance(entry, dict) and bool({"queues", "panda_resource", "siteid", "status"} & entry.keys())


def look_up(record: Record, path: str) -> Any:
    """The value of a field; 'params.pilot_url' is one within another.  None where it is not there."""
    value: Any = record
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def paths(record: Record) -> Iterator[str]:
    """All fields, also those within others."""
    for name, value in record.items():
        yield name
        if isinstance(value, Mapping):
            yield from (f"{name}.{inner}" for inner in paths(value))


def text(value: Any) -> str:
    """A scalar as a word; empty where there is nothing."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str | int | float):
        return ""
    word = str(value).strip()
    return "" if word.lower() in NOTHING else word


def positive(value: Any) -> int | None:
    """A whole number above 0, also one that is written as a word; None for 0, less, absent or absurd."""
    try:
        number = int(float(value)) if isinstance(value, str | int | float) else 0
    except (ValueError, OverflowError):
        return None
    return number if not isinstance(value, bool) and 0 < number < MOST else None


def words(value: Any) -> frozenset[str]:
    """The words of a list such as `catchall`: 'Pull,per_core_attr'."""
    return frozenset(word.strip() for word in text(value).split(","))
