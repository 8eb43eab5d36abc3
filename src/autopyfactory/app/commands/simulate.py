"""`apf simulate`: a configuration in a simulated world, on a virtual clock, and what it came to."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from autopyfactory.app.commands.bar import bar
from autopyfactory.app.commands.output import emit, say, table
from autopyfactory.app.rhythm import say_duration
from autopyfactory.app.simulation.measures import Measures
from autopyfactory.app.simulation.play import Play, Result
from autopyfactory.app.simulation.plot import draw, join
from autopyfactory.app.simulation.scenario import Scenario, find, read, shipped
from autopyfactory.errors import ConfigError
from autopyfactory.options import parse_duration, write_duration

COLUMNS: Mapping[str, str] = {
    "submitted": "submitted",
    "retired": "retired",
    "finished": "jobs done",
    "waiting": "waiting",
    "unmet": "unmet h",
    "idle": "idle h",
    "lost": "lost h",
    "barren": "barren",
    "peak_pending": "peak pending",
    "peak_pilots": "peak pilots",
    "burst": "burst",
    "killed": "killed",
    "failed": "failed cycles",
}
TOTAL = "all"


def simulate(name: str | None, changes: Mapping[str, Any], plot: Path | None, *, as_json: bool) -> int:
    """Play a scenario and show what it came to; without a name, the scenarios there are.

    1 if a pilot was retired from its job.
    """
    if name is None:
        return list_scenarios(as_json=as_json)
    if plot is not None and plot.suffix != ".svg":
        raise ConfigError(f"{plot}: a plot is written as SVG; name a file *.svg")
    scenario = replace(read(find(name)), name=name).changed(
        seed=changes.get("seed"), duration=read_duration(changes)
    )
    play = scenario.play()
    seconds = scenario.settings.duration.total_seconds()
    with bar("simulating", seconds, quiet=as_json) as show:
        result = play.run(seconds, show=show)
    if plot is not None:
        write_plot(plot, scenario, play, result)
    if as_json:
        emit(as_data(scenario, result))
    else:
        tell(scenario, result)
    return 1 if result.total.killed else 0


def list_scenarios(*, as_json: bool) -> int:
    """The scenarios that come with the program."""
    found = {name: read(path).settings.about for name, path in shipped().items()}
    if as_json:
        emit(found)
    else:
        table(("scenario", "shows"), found.items())
    return 0


def read_duration(changes: Mapping[str, Any]) -> timedelta | None:
    """The duration that was asked for on the command line."""
    text = changes.get("duration")
    if text is None:
        return None
    try:
        duration: timedelta = parse_duration(text)
    except ValueError as error:
        raise ConfigError(f"--duration: {error}") from error
    if duration <= timedelta(0):
        raise ConfigError(f"--duration: must be longer than 0; found {text!r}")
    return duration


def write_plot(path: Path, scenario: Scenario, play: Play, result: Result) -> None:
    """Draw it into a file; `ConfigError` when it cannot be written."""
    text = draw(title(scenario), result.samples, join(play.troubles(result.samples[-1].age)))
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}") from error


def title(scenario: Scenario) -> str:
    """What was played."""
    settings = scenario.settings
    return f"{scenario.name}, {write_duration(settings.duration)}, seed {settings.seed}"


def as_data(scenario: Scenario, result: Result) -> dict[str, Any]:
    """For programs: the same seed gives the same bytes."""
    return {
        "scenario": scenario.name,
        "about": scenario.settings.about,
        "seed": scenario.settings.seed,
        "seconds": scenario.settings.duration.total_seconds(),
        "queues": {name: measures.as_data() for name, measures in result.queues.items()},
        "total": result.total.as_data(),
    }


def tell(scenario: Scenario, result: Result) -> None:
    """A line for each queue and one for all."""
    say(f"{title(scenario)}: {scenario.settings.about}".removesuffix(": "))
    rows = [row(name, measures) for name, measures in result.queues.items()]
    titles = ("queue", *COLUMNS.values(), "recovery")
    table(titles, [*rows, row(TOTAL, result.total)], titles[1:])


def row(name: str, measures: Measures) -> tuple[str, ...]:
    """One queue's line."""
    numbers = (getattr(measures, key) for key in COLUMNS)
    cells = (f"{number:.1f}" if isinstance(number, float) else str(number) for number in numbers)
    return (name, *cells, "" if measures.recovery is None else say_duration(measures.recovery))
