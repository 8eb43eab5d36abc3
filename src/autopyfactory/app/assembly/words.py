"""Plain words for values, types and near misses."""

import difflib
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from autopyfactory.options import DURATION, SIZE
from autopyfactory.plan import NAME

LONGEST = 60  # characters of an operator's value that a message repeats
MOST = 20  # names that a message lists
NAMING = "a name of letters, digits and . _ + - that begins with a letter or digit, 64 characters at most"
NAME_PATTERNS = {f"^{NAME}$", f"^(?:{NAME})$"}
FORMATS = {"path": "a path", "file-path": "a file that exists", "directory-path": "a folder that exists"}
FORMATS |= {"uri": "a URL", "date-time": "a date with time", "date": "a date", "time": "a time of day"}


def nearest(word: str, names: Collection[str]) -> str | None:
    """The name that is most like `word`, if any is."""
    found = difflib.get_close_matches(word[:100].lower(), {name.lower(): name for name in names}, 1)
    return next((name for name in names if name.lower() == found[0]), None) if found else None


def missed(word: str, names: Collection[str]) -> str:
    """What could be meant by a word that is not among `names`: the end of a sentence."""
    near = nearest(word, names)
    if near is not None:
        return f"did you mean '{near}'?"
    if not names:
        return "there are none"
    listed = sorted(names)
    more = f" and {len(listed) - MOST} more" if len(listed) > MOST else ""
    return f"there are: {', '.join(listed[:MOST])}{more}"


def show(value: Any) -> str:
    """What somebody wrote, short enough for a message."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value) if value.bit_length() <= 64 else "a very large number"
    if isinstance(value, Mapping):
        return "a table" if value else "an empty table"
    if isinstance(value, list | tuple | set | frozenset):
        return "a list" if value else "an empty list"
    text = repr(value) if isinstance(value, str | float) else str(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def number(count: int, word: str) -> str:
    """'1 queue', '3 queues', '0 queues'."""
    return f"{count} {word}{'' if count == 1 else 's'}"


def join_or(words: Iterable[str]) -> str:
    """'a', 'a or b', 'a, b or c'; 'a value' of nothing."""
    *first, last = dict.fromkeys(words) or ["a value"]
    return f"{', '.join(first)} or {last}" if first else last


def expected(schema: Mapping[str, Any]) -> str:
    """What a JSON Schema asks for, in words: 'a whole number, 0 or more'.  References are resolved before."""
    if includes(schema, DURATION):
        return "a duration, such as '90s', '6m' or '1h30m'"
    if includes(schema, SIZE):
        return "a size, such as '2GB' or '512MiB'"
    if "enum" in schema or "const" in schema:
        values = schema.get("enum", [schema.get("const")])
        return ("one of " if len(values) > 1 else "") + ", ".join(show(value) for value in values)
    choices = schema.get("anyOf", schema.get("oneOf"))
    if choices:
        return join_or(expected(choice) for choice in choices if choice.get("type") != "null")
    kinds = schema.get("type", "any")
    simple = kinds if isinstance(kinds, list) else [kinds]
    return join_or(expected_of(str(kind), schema) for kind in simple if kind != "null")


def expected_of(kind: str, schema: Mapping[str, Any]) -> str:
    """The same for one of the simple types."""
    if kind == "array":
        items = schema.get("items")
        return f"a list, each {expected(items)}" if items else "a list"
    if kind == "string":
        return (
            NAMING
            if schema.get("pattern") in NAME_PATTERNS
            else FORMATS.get(schema.get("format", ""), "text")
        )
    if kind in ("integer", "number"):
        return f"a {'whole ' if kind == 'integer' else ''}number{expected_range(schema)}"
    return {"boolean": "true or false", "object": "a table"}.get(kind, "a value")


def expected_range(schema: Mapping[str, Any]) -> str:
    """', 0 or more', ', more than 0 and at most 1'."""
    bounds = {
        "minimum": "{} or more",
        "exclusiveMinimum": "more than {}",
        "maximum": "at most {}",
        "exclusiveMaximum": "less than {}",
    }
    words = [text.format(f"{schema[key]:.10g}") for key, text in bounds.items() if key in schema]
    return f", {' and '.join(words)}" if words else ""


def example(schema: Mapping[str, Any]) -> str:
    """A value as somebody may write it, with ', such as ' before it; empty where the words say it all."""
    kind = schema.get("type")
    if includes(schema, DURATION) or includes(schema, SIZE):
        return ""
    if schema.get("examples"):
        return f", such as {write_toml(schema['examples'][0])}"
    if kind in ("integer", "number"):
        least, most = schema.get("minimum", 0), schema.get("maximum", float("inf"))
        value = max(least, min(10 if kind == "integer" else 0.5, most))
        return f", such as {value:g}"
    return {"array": ", such as ['a', 'b']", "object": ", such as { key = 'value' }"}.get(str(kind), "")


def write_toml(value: Any) -> str:
    """A value as it is written in a file: [{ kind = 'ready' }]."""
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{key} = {write_toml(inner)}' for key, inner in value.items())} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(write_toml, value))}]"
    return show(value)


def includes(schema: Mapping[str, Any], part: Mapping[str, Any]) -> bool:
    """Whether all of `part` stands in `schema`."""
    return all(schema.get(key) == value for key, value in part.items())


def is_name(text: str) -> bool:
    """Whether a section, a queue or the factory may be called so."""
    return re.fullmatch(NAME, text) is not None
