"""The commands of the job queue of this machine; `cli.py` takes them up."""

from pathlib import Path
from typing import Annotated

import typer

from autopyfactory.app.arguments import AsJson, JobFile, Label, States
from autopyfactory.app.manners import guarded

app = typer.Typer(help="The job queue of this machine, for pilots of target 'local'.", no_args_is_help=True)


@app.command("add")
@guarded
def add_jobs(
    file: JobFile,
    command: Annotated[list[str], typer.Argument(metavar="COMMAND...", help="The program and its words.")],
    label: Annotated[str, typer.Option(help="What sources and pilots select jobs by.")] = "",
    count: Annotated[int, typer.Option(min=1, help="Add it so many times.")] = 1,
    cores: Annotated[int, typer.Option(min=1, help="Cores that it needs.")] = 1,
    as_json: AsJson = False,
) -> int:
    """Add jobs that run in this folder; write -- first: apf jobs add jobs.sqlite -- sleep 5."""
    from autopyfactory.app.commands.jobs import NewJob, add

    job = NewJob(command=tuple(command), label=label, count=count, cores=cores, directory=str(Path.cwd()))
    return add(file, job, as_json=as_json)


@app.command("list")
@guarded
def list_jobs(file: JobFile, label: Label = None, state: States = None, as_json: AsJson = False) -> int:
    """Show the jobs and how far they came."""
    from autopyfactory.app.commands.jobs import show

    return show(file, label, state, as_json=as_json)


@app.command("clear")
@guarded
def clear_jobs(file: JobFile, label: Label = None, state: States = None, as_json: AsJson = False) -> int:
    """Forget jobs: all but the running ones, or those in the states that are named."""
    from autopyfactory.app.commands.jobs import clear

    return clear(file, label, state, as_json=as_json)
