"""Commands that foresee what a configuration would do; what they need is imported when they are called."""

from pathlib import Path
from typing import Annotated

import typer

Scenario = Annotated[
    str | None,
    typer.Argument(metavar="[SCENARIO]", help="A TOML file, or one that comes with apf; none: list them."),
]
Seed = Annotated[int | None, typer.Option(min=0, help="What all chance comes from.")]
LongTime = Annotated[str | None, typer.Option(help="How much time to play, such as 12h or 30d.")]
Plot = Annotated[Path | None, typer.Option(metavar="FILE.svg", help="Draw work and pilots over time.")]


def simulate(
    scenario: Scenario = None,
    seed: Seed = None,
    duration: LongTime = None,
    plot: Plot = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
) -> int:
    """Try a configuration in a simulated world, on a virtual clock."""
    from autopyfactory.app.commands.simulate import simulate as play

    return play(scenario, {"seed": seed, "duration": duration}, plot, as_json=as_json)
