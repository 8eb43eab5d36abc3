"""`apf plugins`: every plug-in, [factory] and queues with their options, as the code has them."""

from collections.abc import Iterable
from dataclasses import asdict

from autopyfactory.app import registry
from autopyfactory.app.assembly.tables import QueueTable
from autopyfactory.app.assembly.words import missed, show
from autopyfactory.app.commands.output import emit, say
from autopyfactory.app.description import Description, Option, options_of
from autopyfactory.errors import ConfigError
from autopyfactory.plan import FactorySettings

OWN = "configuration"
SECTIONS = {
    "factory": ("The section [factory].", FactorySettings),
    "queue": ("Queues, templates and [defaults].", QueueTable),
}


def show_plugins(kind: str | None, *, as_json: bool) -> int:
    """List them; 1 when one cannot be loaded."""
    found = select(kind)
    if as_json:
        emit([asdict(plugin) for plugin in found])
        return exit_code(found)
    group = ""
    for plugin in found:
        if plugin.group != group:
            group = plugin.group
            say(f"\n{group}" if plugin is not found[0] else group, "bold underline")
        tell(plugin)
    return exit_code(found)


def exit_code(found: Iterable[Description]) -> int:
    """1 when one cannot be loaded."""
    return 1 if any(plugin.error for plugin in found) else 0


def select(kind: str | None) -> list[Description]:
    """All that there is, a group of it, or what is of one kind in any group."""
    if kind in registry.GROUPS:
        return registry.describe(kind)
    groups = [group for group in registry.GROUPS if kind is None or kind in registry.kinds(group)]
    found = [plugin for group in groups for plugin in registry.describe(group) if kind in (None, plugin.kind)]
    found = [own for own in sections() if kind in (None, own.group, own.kind)] + found
    if not found and kind is not None:
        names = {name for group in registry.GROUPS for name in (group, *registry.kinds(group))}
        known = names | {OWN, *SECTIONS}
        raise ConfigError(f"no '{kind}' among the plug-ins and their groups; {missed(kind, known)}")
    return found


def sections() -> list[Description]:
    """The sections that are no plug-ins."""
    return [
        Description(group=OWN, kind=name, documentation=text, summary=text, options=options_of(model))
        for name, (text, model) in SECTIONS.items()
    ]


def tell(plugin: Description) -> None:
    """One plug-in in words."""
    say(f"\n{plugin.kind}", "bold")
    if plugin.error:
        say(f"  {plugin.error}", "red")
    for line in plugin.documentation.splitlines():
        say(f"  {line}" if line else "")
    if plugin.needs:
        say(f"  Needs to know: {', '.join(plugin.needs)}.")
    tell_options("options", plugin.options)
    tell_options(f"options in {plugin.table} = {{ ... }} of a queue", plugin.queue_options)


def tell_options(title: str, options: Iterable[Option]) -> None:
    """Options with type, default and documentation."""
    lines = [line for option in options for line in describe(option)]
    if lines:
        say(f"  {title}:")
        for line in lines:
            say(f"    {line}")


def describe(option: Option) -> list[str]:
    """One option in two lines."""
    default = "required" if option.required else "unset" if option.default is None else show(option.default)
    return [f"{option.name} ({default}): {option.type}", f"    {option.documentation}"]
