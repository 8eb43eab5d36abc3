"""What a plug-in tells about itself: facts for `apf plugins`, read from its code."""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args, get_type_hints

from pydantic import BaseModel

from autopyfactory.app.assembly import words
from autopyfactory.app.assembly.validation import forms, schema_of

# What a queue holds for a plug-in, and the method whose argument has it in its type, by group.
TABLES = {"sources": ("work", "demand"), "targets": ("pilot", "submit")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One option: what it may be, in words, and what it is unless it is set."""

    name: str  # 'limit', 'guard.per_minute'
    type: str
    required: bool = False
    default: Any = None  # as in TOML; None: unset
    documentation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """One plug-in.  `table` names what a queue holds for it, 'work' or 'pilot', with `queue_options`."""

    group: str
    kind: str
    package: str = ""
    summary: str = ""
    documentation: str = ""
    options: tuple[Option, ...] = ()
    table: str = ""
    queue_options: tuple[Option, ...] = ()
    needs: tuple[str, ...] = ()  # of a policy: what it must be able to see
    cap: bool = False  # of a policy: whether it holds also when the demand is unknown
    error: str = ""  # why it cannot be loaded


def describe_plugin(group: str, kind: str, package: str, plugin: type) -> Description:
    """What `plugin` tells; `ConfigError` where its options cannot be read."""
    table, model = queue_model(group, plugin)
    own = plugin if group == "policies" else getattr(plugin, "options", None)
    documentation = inspect.getdoc(plugin) or ""
    return Description(
        group=group,
        kind=kind,
        package=package,
        summary=documentation.partition("\n")[0],
        documentation=documentation,
        options=options_of(own) if isinstance(own, type) else (),
        table=table,
        queue_options=options_of(model) if model is not None else (),
        needs=tuple(sorted(need.value for need in getattr(plugin, "needs", ()))),
        cap=getattr(plugin, "cap", False) is True,
    )


def queue_model(group: str, plugin: type) -> tuple[str, type[BaseModel] | None]:
    """What a queue's table for this plug-in is called, and its model.

    The model stands in the type of `demand(works: Collection[Work])` and `submit(order: Order[Pilot])`;
    a plug-in around another one has none of its own.
    """
    table, method = TABLES.get(group, ("", ""))
    try:
        hints = get_type_hints(getattr(plugin, method, None)) if table else {}
    except (NameError, TypeError):  # types that are only names, or no such method
        return table, None
    found = get_args(next(iter(hints.values()), None))
    if found and isinstance(found[0], type) and issubclass(found[0], BaseModel):
        return table, found[0]
    return table, None


def options_of(model: type) -> tuple[Option, ...]:
    """The options of a class in the order of its code, those of a table within as 'guard.per_minute'."""
    return tuple(flatten(schema_of(model), ""))


def flatten(schema: Mapping[str, Any], prefix: str) -> list[Option]:
    """The properties of a JSON Schema as options; of a table with several forms those of each."""
    options = []
    required = schema.get("required", ())
    for name, part in schema.get("properties", {}).items():
        if "properties" in part:
            options += flatten(with_defaults(name, part), f"{prefix}{name}.")
            continue
        options.append(
            Option(
                name=prefix + name,
                type=words.expected(part),
                required=name in required,
                default=part.get("default"),
                documentation=" ".join(str(part.get("description", "")).split()),
            )
        )
        if "properties" in part.get("items", {}):
            options += flatten(part["items"], f"{prefix}{name}[].")
        for table in part.get("anyOf", ()):
            options += flatten(table, f"{prefix}{name}.")
        for form, table in forms(part).items():
            options += flatten(table, f"{prefix}{name}[{form}].")
    return options


def with_defaults(name: str, table: Mapping[str, Any]) -> Mapping[str, Any]:
    """A table within another one, with the defaults that the other one states for it.

    What such a default holds is not required, but for those who write the table.
    """
    defaults, required = table.get("default") or {}, table.get("required", ())
    inner = {
        key: preset(part, defaults[key]) if key in defaults else part
        for key, part in table["properties"].items()
    }
    for key in required:
        if key in defaults:
            said = inner[key].get("description", "")
            inner[key] = {
                **inner[key],
                "description": f"{said} Must be there where `{name}` is written.".strip(),
            }
    return {**table, "properties": inner, "required": [key for key in required if key not in defaults]}


def preset(part: Mapping[str, Any], default: Any) -> Mapping[str, Any]:
    """A property with the default that the table around it states."""
    return {**part, "default": default}
