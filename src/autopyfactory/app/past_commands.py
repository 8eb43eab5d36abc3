"""The commands that read the history; `cli.py` takes them up."""

from typing import Annotated

import typer

from autopyfactory.app.arguments import MOMENT, AsJson, Known, QueueName, State
from autopyfactory.app.manners import guarded


@guarded
def explain(
    queue: QueueName,
    config: Known = None,
    state: State = None,
    at: Annotated[str | None, typer.Option(help=f"The last cycle before this moment: {MOMENT}")] = None,
    as_json: AsJson = False,
) -> int:
    """Say why a cycle of a queue came to its number.  Names the limits that would have changed it."""
    from autopyfactory.app.commands.explain import explain_queue

    return explain_queue(queue, at, config, state, as_json=as_json)


@guarded
def history(
    queue: QueueName,
    config: Known = None,
    state: State = None,
    since: Annotated[str, typer.Option(help=f"Cycles since then: {MOMENT}")] = "6h",
    rows: Annotated[int, typer.Option(min=1, help="So many of them one by one, the newest.")] = 30,
    as_json: AsJson = False,
) -> int:
    """Show the cycles of a queue, as curves and a table."""
    from autopyfactory.app.commands.history import show_history

    return show_history(queue, since, rows, config, state, as_json=as_json)


@guarded
def diff(
    start: Annotated[str, typer.Option("--from", help=f"The first moment: {MOMENT}")],
    end: Annotated[str | None, typer.Option("--to", help="The second one; without it, now.")] = None,
    config: Known = None,
    state: State = None,
    as_json: AsJson = False,
) -> int:
    """Show what became of every queue between two moments.  Of its configuration, too."""
    from autopyfactory.app.commands.diff import show_differences

    return show_differences(start, end, config, state, as_json=as_json)


COMMANDS = (explain, history, diff)
