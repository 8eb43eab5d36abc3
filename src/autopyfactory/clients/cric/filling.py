"""Filling: a template whose words hold `{field}`, and the values that take their places."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from autopyfactory.clients.cric.records import text

FIELD = re.compile(r"\{([A-Za-z_][\w.-]*)(?:\|([^{}]*))?\}")
ABSENT = object()
Values = Callable[[str], Any]  # the value of a field; None where there is none


def fields(template: Any) -> Iterator[str]:
    """The fields that a template must find: those that it names without a word to fall back to."""
    if isinstance(template, str):
        yield from (match[1] for match in FIELD.finditer(template) if match[2] is None)
    elif isinstance(template, Mapping):
        for value in template.values():
            yield from fields(value)
    elif isinstance(template, list | tuple):
        for value in template:
            yield from fields(value)


def lay(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """One template over another: tables are put into one another, all else is replaced."""
    laid = dict(below)
    for key, value in above.items():
        inner = laid.get(key)
        if isinstance(inner, Mapping) and isinstance(value, Mapping):
            value = lay(inner, value)
        laid[key] = value
    return laid


def fill(template: Mapping[str, Any], values: Values) -> dict[str, Any]:
    """The template with its fields filled in.

    A word that is nothing but a field becomes its value, a number a number, but in lists.  What names a
    field that has no value is left out, unless there is a word to fall back to: `{corecount|1}`.
    """
    filled = ((key, fill_value(value, values)) for key, value in template.items())
    return {key: value for key, value in filled if value is not ABSENT}


def fill_value(template: Any, values: Values) -> Any:
    """One value of a template; `ABSENT` where it is left out."""
    if isinstance(template, str):
        return fill_text(template, values)
    if isinstance(template, Mapping):
        return fill(template, values)
    if isinstance(template, list | tuple):
        filled = [fill_item(value, values) for value in template]
        return [value for value in filled if value is not ABSENT]
    return template


def fill_item(template: Any, values: Values) -> Any:
    """One item of a list, such as arguments: a number that a field holds is a word here."""
    filled = fill_value(template, values)
    return text(filled) if isinstance(template, str) and isinstance(filled, int | float) else filled


def fill_text(template: str, values: Values) -> Any:
    """A word with its fields filled in."""
    whole = FIELD.fullmatch(template)
    if whole is not None:
        return find(whole, values)
    found = [find(match, values) for match in FIELD.finditer(template)]
    if any(value is ABSENT for value in found):
        return ABSENT
    words = iter(found)
    return FIELD.sub(lambda _: text(next(words)), template)


def find(match: re.Match[str], values: Values) -> Any:
    """The value of a field, or what to fall back to, or `ABSENT`."""
    value = values(match[1])
    if value is None or (isinstance(value, str) and not text(value)):
        return ABSENT if match[2] is None else match[2]
    return value.strip() if isinstance(value, str) else value
