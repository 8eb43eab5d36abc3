"""Arguments that several commands take, as typer wants them."""

from pathlib import Path
from typing import Annotated

import typer

Config = Annotated[Path, typer.Argument(metavar="CONFIG", help="A TOML file, or a folder of them.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
QueueName = Annotated[str, typer.Argument(metavar="QUEUE", help="The queue's name.")]
Known = Annotated[
    Path | None,
    typer.Argument(metavar="[CONFIG]", help="The configuration; without it, the only factory here."),
]
State = Annotated[Path | None, typer.Option(help="The state folder, instead of CONFIG.")]
MOMENT = "'2030-01-31T12:00Z', '14:30', 'yesterday 14:30' (local time, unless it ends in Z), '2h' (ago)."
JobFile = Annotated[Path, typer.Argument(metavar="FILE", help="The file of the job queue.")]
Label = Annotated[str | None, typer.Option(help="Only jobs of this label.")]
States = Annotated[
    list[str] | None, typer.Option("--state", help="Only jobs in this state; may be given several times.")
]
