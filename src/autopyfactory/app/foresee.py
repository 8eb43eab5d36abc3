"""Commands that foresee what a configuration would do; what they need is imported when they are called."""

from pathlib import Path
from typing import Annotated

import typer

from autopyfactory.app.arguments import MOMENT, AsJson, Config, State
from autopyfactory.app.manners import guarded

Scenario = Annotated[
    str | None,
    typer.Argument(metavar="[SCENARIO]", help="A TOML file, or one that comes with apf; none: list them."),
]
Seed = Annotated[int | None, typer.Option(min=0, help="What all chance comes from.")]
LongTime = Annotated[str | None, typer.Option(help="How much time to play, such as 12h or 30d.")]
Plot = Annotated[Path | None, typer.Option(metavar="FILE.svg", help="Draw work and pilots over time.")]


@guarded
def simulate(
    scenario: Scenario = None,
    seed: Seed = None,
    duration: LongTime = None,
    plot: Plot = None,
    as_json: AsJson = False,
) -> int:
    """Try a configuration in a simulated world, on a virtual clock."""
    from autopyfactory.app.commands.simulate import simulate as play

    return play(scenario, {"seed": seed, "duration": duration}, plot, as_json=as_json)


@guarded
def plan(
    config: Config,
    running: Annotated[
        Path | None,
        typer.Option(metavar="OLD", help="What runs; without it, the daemon is asked, or its history."),
    ] = None,
    state: State = None,
    as_json: AsJson = False,
) -> int:
    """Show what a configuration would change.  Tells the number of every changed queue's next cycle."""
    from autopyfactory.app.commands.plan import plan as compare

    return compare(config, running, state, as_json=as_json)


@guarded
def replay(
    config: Annotated[
        Path | None,
        typer.Option(
            metavar="NEW", help="By what to decide; without it, by what was recorded with each cycle."
        ),
    ] = None,
    state: Annotated[
        Path | None, typer.Option(help="The state folder with the history, if not NEW's.")
    ] = None,
    since: Annotated[str | None, typer.Option(help=f"Cycles since then, a week if unset: {MOMENT}")] = None,
    until: Annotated[str | None, typer.Option(help="Cycles until then, the last one if unset.")] = None,
    model: Annotated[
        bool, typer.Option("--model", help="Play both configurations in a world fitted to the record, too.")
    ] = False,
    as_json: AsJson = False,
) -> int:
    """Decide the recorded cycles anew, by another configuration."""
    from autopyfactory.app.commands.replay import Wish
    from autopyfactory.app.commands.replay import replay as run

    return run(config, state, Wish(since=since, until=until, model=model), as_json=as_json)


COMMANDS = (simulate, plan, replay)
