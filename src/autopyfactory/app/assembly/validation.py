"""Check a table against the class that it is meant for, and say in plain words what is wrong."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError
from pydantic.errors import PydanticUserError
from pydantic_core import ErrorDetails

from autopyfactory.app.assembly import words
from autopyfactory.app.assembly.problems import Path as KeyPath
from autopyfactory.errors import ConfigError
from autopyfactory.options import DURATION, TABLE, write_duration

UNKNOWN = {"extra_forbidden", "unexpected_keyword_argument"}
MISSING = {"missing", "missing_argument", "missing_keyword_only_argument"}
TOLD = re.compile(
    r"_type$|_parsing$|^enum$|^literal_error$|^int_from_float$|^finite_number$|^greater_than|^less_than"
)
PREFIX = re.compile(r"^[A-Z]\w* should ")
DEEPEST = 20


class Complaint(NamedTuple):
    """What is wrong at `path` of a table."""

    path: KeyPath
    text: str
    missing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The value that a table makes, or what is wrong with it."""

    value: Any = None
    complaints: tuple[Complaint, ...] = ()


@cache
def adapter(model: type) -> TypeAdapter[Any]:
    """What makes an instance of a class from a table."""
    return TypeAdapter(model)


@cache
def schema_of(model: type) -> Mapping[str, Any]:
    """The JSON Schema of a class, without references; `ConfigError` where its options cannot be read."""
    try:
        schema = adapter(model).json_schema()
    except PydanticUserError as error:
        reason = error.message.partition("\n")[0]
        raise ConfigError(f"the options of {model.__name__} cannot be read: {reason}") from error
    definitions = schema.pop("$defs", {})
    whole: dict[str, Any] = inline(schema, definitions, DEEPEST)
    return whole


def inline(schema: Any, definitions: Mapping[str, Any], depth: int) -> Any:
    """The schema with its definitions put in where they are referred to; below `depth` anything goes."""
    if isinstance(schema, list):
        return [inline(item, definitions, depth) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if depth == 0:
        return {}
    reference = schema.get("$ref")
    if isinstance(reference, str):
        rest = {key: value for key, value in schema.items() if key != "$ref"}
        schema = {**definitions.get(reference.rpartition("/")[2], {}), **rest}
    whole = {key: inline(value, definitions, depth - 1) for key, value in schema.items()}
    if "default" in whole:
        whole["default"] = write_default(whole)
    return whole


def write_default(schema: Mapping[str, Any]) -> Any:
    """The default of a schema as an operator would write it."""
    default = schema["default"]
    choices = [schema, *schema.get("anyOf", ())]
    if isinstance(default, str) and any(words.includes(choice, DURATION) for choice in choices):
        return write_duration(adapter(timedelta).validate_python(default))
    if default == [] and any(words.includes(choice, TABLE) for choice in choices):
        return {}
    return default


def check(model: type, table: Mapping[str, Any], folder: Path | None = None) -> Checked:
    """An instance of `model`, or complaints; relative paths are relative to `folder`."""
    try:
        schema = schema_of(model)
        names = list(schema.get("properties", {}))
        free = schema.get("additionalProperties") is True
        strange = () if free else tuple(unknown(table, names))
        known = table if free else {key: value for key, value in table.items() if key in names}
        value = adapter(model).validate_python(known, context={"folder": folder})
    except ValidationError as error:
        found = (complain(entry, schema) for entry in error.errors(include_url=False))
        return Checked(complaints=without_echoes((*strange, *found)))
    except ConfigError as error:
        return Checked(complaints=(Complaint((), str(error)),))
    except Exception as error:  # a validator of a plug-in that breaks is the plug-in's fault
        return Checked(complaints=(Complaint((), f"the plug-in cannot read its options: {error!r}"),))
    return Checked(complaints=strange) if strange else Checked(value=value)


def without_echoes(complaints: Iterable[Complaint]) -> tuple[Complaint, ...]:
    """Each complaint once, and no missing key whose misspelling is complained about."""
    each = dict.fromkeys(complaints)
    said = {(one.path[:-1], one.text) for one in each}
    return tuple(
        one
        for one in each
        if not (one.missing and (one.path[:-1], unknown_key(str(one.path[-1]), [str(one.path[-1])])) in said)
    )


def unknown(table: Mapping[str, Any], names: list[str]) -> Iterator[Complaint]:
    """Keys that are not among `names`."""
    return (Complaint((key,), unknown_key(key, names)) for key in table if key not in names)


def unknown_key(key: str, names: list[str]) -> str:
    """The sentence for an unknown key."""
    return f"unknown key; {words.missed(key, names)}"


def complain(error: ErrorDetails, schema: Mapping[str, Any]) -> Complaint:
    """One entry of pydantic's as a sentence of ours."""
    path, steps = follow(schema, error["loc"])
    depth, here = len(steps) - 1, steps[-1]
    if error["type"] in UNKNOWN:
        choices = (here, *here.get("anyOf", ()))
        names = [name for choice in choices for name in choice.get("properties", {})]
        return Complaint(path, unknown_key(str(path[-1]), names))
    if error["type"] in MISSING:
        return Complaint(
            path, f"is missing; it wants {words.expected(here)}{words.example(here)}", missing=True
        )
    if error["type"] == "value_error":
        return Complaint(path[:depth], str(error.get("ctx", {}).get("error", error["msg"])))
    found = words.show(error["input"])
    wanted = words.expected(here)
    if "_than" in error["type"] and words.includes(here, DURATION):  # pydantic would show Python's bound
        return Complaint(path, f"is too {'short' if 'greater' in error['type'] else 'long'}; found {found}")
    if depth == len(path) and (TOLD.search(error["type"]) or wanted == words.NAMING):
        return Complaint(path, f"must be {wanted}{words.example(here)}; found {found}")
    reason = PREFIX.sub("must ", error["msg"])
    return Complaint(path[:depth], f"{reason}; found {found}")


def follow(schema: Mapping[str, Any], place: KeyPath) -> tuple[KeyPath, list[Mapping[str, Any]]]:
    """The path of keys to a place, and the schema with those of its parts on the way, as far as it tells.

    In a table that has several forms the place names the form, too, which is no key.
    """
    path: list[str | int] = []
    steps = [schema]
    for part in place:
        form = forms(steps[-1]).get(part)
        if form is not None:
            steps[-1] = form
            continue
        path.append(part)
        step = down(steps[-1], part) if len(path) == len(steps) else None
        steps += [] if step is None else [step]
    return tuple(path), steps


def forms(schema: Mapping[str, Any]) -> dict[str | int, Mapping[str, Any]]:
    """The forms of a table that says by one of its keys, such as `kind`, which of them it has."""
    for choice in (schema, *schema.get("anyOf", ())):
        key = choice.get("discriminator", {}).get("propertyName")
        if key is not None:
            return {form["properties"][key]["const"]: form for form in choice["oneOf"]}
    return {}


def down(schema: Mapping[str, Any], part: str | int) -> Mapping[str, Any] | None:
    """The schema of one item or property; None where it is not told."""
    for choice in (schema, *schema.get("anyOf", ())):
        items = choice.get("items") if isinstance(part, int) else choice.get("properties", {}).get(part)
        if isinstance(items, Mapping):
            return items
        rest = choice.get("additionalProperties")
        if isinstance(part, str) and isinstance(rest, Mapping):
            return rest
    return None
