"""The commands.  What one needs is imported when it is called: `apf version` and `--help` answer at once."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from autopyfactory import __version__
from autopyfactory.app import foresee, job_commands, past_commands
from autopyfactory.app.arguments import MOMENT, AsJson, Config
from autopyfactory.app.manners import guarded, perform

app = typer.Typer(
    name="apf",
    help="A pilot factory: watches where work waits and keeps the right number of pilots at every target.",
    epilog="Exit codes: 0 fine, 1 trouble, 2 wrong configuration or usage.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(job_commands.app, name="jobs", rich_help_panel=None)


def show_version(asked: bool) -> None:
    """Print the version, if that was asked for, and end."""
    if asked:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=show_version, is_eager=True, help="Print the version and end."),
    ] = False,
) -> None:
    """The program itself."""


@app.command()
@guarded
def run(
    config: Config,
    cycles: Annotated[int | None, typer.Option(min=1, help="End when every queue has run so many.")] = None,
) -> int:
    """Run the factory until SIGTERM or SIGINT.  SIGHUP reads the configuration again."""
    from autopyfactory.app.commands.run import serve

    return serve(config, cycles)


@app.command()
@guarded
def demo(
    jobs: Annotated[int, typer.Option(min=1, help="Jobs to run.")] = 30,
    seconds: Annotated[float, typer.Option(min=1, help="Give up after so long.")] = 120,
    as_json: AsJson = False,
) -> int:
    """Run real jobs by real pilots on this machine, shown live.  All lies in a temporary folder."""
    from autopyfactory.app.commands.demo import demonstrate

    return demonstrate(jobs, seconds, as_json=as_json)


@app.command()
@guarded
def check(
    config: Config,
    live: Annotated[bool, typer.Option("--live", help="Ask every source and target, too.")] = False,
    as_json: AsJson = False,
) -> int:
    """Name everything that is wrong with a configuration."""
    from autopyfactory.app.commands.check import examine

    return examine(config, live=live, as_json=as_json)


@app.command()
@guarded
def once(
    config: Config,
    queue: Annotated[str, typer.Argument(metavar="QUEUE", help="The queue's name.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Look and decide, but do nothing.")] = False,
    as_json: AsJson = False,
) -> int:
    """Run one cycle of a queue now and show how it decided.  The daemon does it, if one runs."""
    from autopyfactory.app.commands.once import once as run_once

    return run_once(config, queue, dry_run=dry_run, as_json=as_json)


@app.command()
@guarded
def render(
    config: Config,
    queue: Annotated[str, typer.Argument(metavar="QUEUE", help="The queue's name.")],
    count: Annotated[int, typer.Option("-n", "--count", min=1, help="So many pilots.")] = 1,
    as_json: AsJson = False,
) -> int:
    """Print what exactly a queue's target would be sent.  Nothing is sent."""
    from autopyfactory.app.commands.render import render as show

    return show(config, queue, count, as_json=as_json)


@app.command()
@guarded
def credentials(config: Config, as_json: AsJson = False) -> int:
    """List the credentials.  What they are, for whom they speak, and until when."""
    from autopyfactory.app.commands.credentials import show_credentials

    return show_credentials(config, as_json=as_json)


@app.command()
@guarded
def status(
    config: Annotated[
        Path | None, typer.Argument(metavar="[CONFIG]", help="The configuration that the daemon runs.")
    ] = None,
    state: Annotated[Path | None, typer.Option(help="Its state folder, instead of CONFIG.")] = None,
    at: Annotated[str | None, typer.Option(help=f"As it was at this moment: {MOMENT}")] = None,
    as_json: AsJson = False,
) -> int:
    """Show how the running factory does, or did.  Queues in trouble come first."""
    from autopyfactory.app.commands.status_table import show_status
    from autopyfactory.app.commands.status_then import show_status_then

    if at is not None:
        return show_status_then(at, config, state, as_json=as_json)
    return show_status(config, state, as_json=as_json)


@app.command()
@guarded
def reload(
    config: Annotated[Path | None, typer.Argument(metavar="[CONFIG]", help="As for status.")] = None,
    state: Annotated[Path | None, typer.Option(help="As for status.")] = None,
    as_json: AsJson = False,
) -> int:
    """Let the running factory read its configuration again.  Shows what changed."""
    from autopyfactory.app.commands.status_table import request_reload

    return request_reload(config, state, as_json=as_json)


@app.command()
@guarded
def retire(
    queue: Annotated[str, typer.Argument(metavar="QUEUE", help="The queue's name.")],
    count: Annotated[int, typer.Argument(metavar="N", min=1, max=10**9, help="So many pilots.")],
    config: Annotated[
        Path | None, typer.Argument(metavar="[CONFIG]", help="As for status; needed where no daemon runs.")
    ] = None,
    state: Annotated[Path | None, typer.Option(help="As for status.")] = None,
    now: Annotated[bool, typer.Option("--now", help="Do not wait for a second reading that agrees.")] = False,
    as_json: AsJson = False,
) -> int:
    """Take pilots of a queue away, the least useful first.  The daemon does it, if one runs."""
    from autopyfactory.app.commands.retire import Whereabouts
    from autopyfactory.app.commands.retire import retire as run_retire
    from autopyfactory.retirement import Wish

    wish, place = Wish(count=count, hurried=now), Whereabouts(config=config, state=state)
    return run_retire(queue, wish, place, as_json=as_json)


@app.command()
@guarded
def catalog(
    config: Config,
    diff: Annotated[bool, typer.Option("--diff", help="Show what differs from what is believed.")] = False,
    accept: Annotated[bool, typer.Option("--accept", help="Believe what the catalogues say now.")] = False,
    as_json: AsJson = False,
) -> int:
    """Show what is made of catalogues.  Every entry with its queue, or why it gives none."""
    from autopyfactory.app.commands.catalog import show_catalogs

    return show_catalogs(config, diff=diff, accept=accept, as_json=as_json)


for command in (*past_commands.COMMANDS, *foresee.COMMANDS):
    app.command()(command)


@app.command()
@guarded
def plugins(
    kind: Annotated[
        str | None,
        typer.Argument(
            metavar="[KIND]", help="'policies', 'targets', ..., one plug-in, 'factory' or 'queue'."
        ),
    ] = None,
    as_json: AsJson = False,
) -> int:
    """List the plug-ins with their options, as their code has them."""
    from autopyfactory.app.commands.catalogue import show_plugins

    return show_plugins(kind, as_json=as_json)


@app.command()
@guarded
def schema() -> int:
    """Print the JSON Schema of the configuration, for editors."""
    from autopyfactory.app.commands.output import emit
    from autopyfactory.app.schema import schema as write_schema

    emit(write_schema())
    return 0


@app.command()
@guarded
def version(as_json: AsJson = False) -> int:
    """Print the version."""
    typer.echo(f'{{"version": "{__version__}"}}' if as_json else __version__)
    return 0


def main() -> None:
    """Run a command and end at once: a thread that hangs delays no exit."""
    from autopyfactory.app.ending import leave

    leave(perform(app, sys.argv[1:]))
