"""The JSON Schema of a whole configuration, with the options of every plug-in, for editors."""

from collections.abc import Iterable, Mapping
from typing import Any

from autopyfactory.app import registry
from autopyfactory.app.assembly.chain import OWN
from autopyfactory.app.assembly.recipes import GROUPS
from autopyfactory.app.assembly.tables import QueueTable
from autopyfactory.app.assembly.validation import schema_of
from autopyfactory.app.description import queue_model
from autopyfactory.errors import ConfigError
from autopyfactory.plan import NAME, FactorySettings

DIALECT = "https://json-schema.org/draft/2020-12/schema"
ANYTHING: Mapping[str, Any] = {"type": "object"}  # the options of a plug-in that cannot be loaded
NO_DEFAULTS = ("like",)
NO_KINDS = ("like", "source", "target")

Schema = dict[str, Any]


def schema() -> Schema:
    """One schema for all files: no table of a file is required, for it may stand in another one."""
    queue = queue_schema()
    kinds = sorted({*registry.kinds("sources"), *registry.kinds("targets")})
    of_kind = {kind: without(queue, NO_KINDS) for kind in kinds}
    defaults = without(queue, NO_DEFAULTS)
    defaults["properties"] = {**of_kind, **defaults["properties"]}
    tables = {
        "factory": {**schema_of(FactorySettings)},
        **{word: named(section_schema(group), f"Every {word}.") for word, group in GROUPS.items()},
        "defaults": {
            **defaults,
            "description": "What queues have unless they or templates say else.",
        },
        "template": named(queue, "What queues that are `like` it have."),
        "queue": named(queue, "Every queue."),
    }
    return {
        "$schema": DIALECT,
        "title": "AutoPyFactory",
        "type": "object",
        "additionalProperties": False,
        "properties": tables,
        "$defs": parts(),
    }


def queue_schema() -> Schema:
    """A queue, a template or defaults.  No option is required: another layer may say it."""
    whole = {**schema_of(QueueTable)}
    keys = whole["properties"]
    whole["properties"] = {
        **keys,
        "work": {"$ref": "#/$defs/work", "description": keys["work"]["description"]},
        "pilot": {"$ref": "#/$defs/pilot", "description": keys["pilot"]["description"]},
        "policies": {**keys["policies"], "items": {"$ref": "#/$defs/policy"}},
        "shadow": {**keys["shadow"], "items": {"$ref": "#/$defs/policy"}},
        "policy": {"$ref": "#/$defs/overrides", "description": keys["policy"]["description"]},
    }
    return whole


def parts() -> dict[str, Schema]:
    """What queues, templates and defaults have in common."""
    policies = {kind: options_schema("policies", kind) for kind in registry.kinds("policies")}
    name = {"type": "string", "description": "What `policy.NAME` calls it."}
    return {
        "work": any_of(queue_options("sources")),
        "pilot": any_of(queue_options("targets")),
        "policy": choose({kind: with_key(options, "name", name) for kind, options in policies.items()}),
        "overrides": {"type": "object", "properties": policies, "additionalProperties": {"type": "object"}},
    }


def section_schema(group: str) -> Schema:
    """A section of one group: its kind, and the options of that kind."""
    return choose({kind: options_schema(group, kind, required=True) for kind in registry.kinds(group)})


def options_schema(group: str, kind: str, *, required: bool = False) -> Schema:
    """The options of one plug-in; anything where it cannot be loaded."""
    try:
        plugin = registry.load(group, kind)
        options = {**schema_of(plugin if group == "policies" else plugin.options)}
    except ConfigError:
        return {**ANYTHING}
    description = (plugin.__doc__ or "").strip()
    if description:
        options["description"] = description
    options["additionalProperties"] = options.get("additionalProperties", False)
    return options if required else optional(options)


def queue_options(group: str) -> list[Schema]:
    """What a queue may hold for the plug-ins of a group, each different one once."""
    found: list[Schema] = []
    for kind in registry.kinds(group):
        try:
            _, model = queue_model(group, registry.load(group, kind))
            options = optional(schema_of(model)) if model is not None else {}
        except ConfigError:
            return []  # nobody knows what it holds
        if options and options not in found:
            found.append(options)
    return found


def choose(options: Mapping[str, Schema]) -> Schema:
    """One of several tables, told apart by `kind`."""
    return {
        "type": "object",
        "required": [OWN[0]],
        "oneOf": [with_key(schema, OWN[0], {"const": kind}, needed=True) for kind, schema in options.items()],
    }


def with_key(schema: Schema, key: str, value: Schema, *, needed: bool = False) -> Schema:
    """The schema with one more key, in front."""
    whole = {**schema, "properties": {key: value, **schema.get("properties", {})}}
    if needed:
        whole["required"] = [key, *schema.get("required", [])]
    return whole


def any_of(schemas: list[Schema]) -> Schema:
    """A table of one of these forms; any table if no form is known."""
    return {"type": "object", "anyOf": schemas} if schemas else {**ANYTHING}


def named(schema: Schema, description: str) -> Schema:
    """A table of tables, each with a proper name."""
    names = {"pattern": f"^{NAME}$"}
    return {
        "type": "object",
        "description": description,
        "propertyNames": names,
        "additionalProperties": schema,
    }


def optional(schema: Mapping[str, Any]) -> Schema:
    """The schema with nothing required."""
    return {key: value for key, value in schema.items() if key != "required"}


def without(schema: Mapping[str, Any], keys: Iterable[str]) -> Schema:
    """The schema without some keys."""
    properties = {key: value for key, value in schema["properties"].items() if key not in keys}
    return {**schema, "properties": properties}
