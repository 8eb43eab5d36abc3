"""The part of `apf replay` that tells what a model came to, under the old configuration and the new one."""

from collections.abc import Iterator, Mapping
from typing import Any

from autopyfactory.app.commands.output import say, table
from autopyfactory.app.replay.closed_loop import Closed
from autopyfactory.app.simulation.measures import Measures

MODEL = (
    "the model closes the loop: a simulated world that is fitted to the record (every pilot takes one job,"
    " at a target no more run at once than ever did, and recorded outages and holds come again) shows what"
    " both configurations come to in it"
)
COLUMNS: Mapping[str, str] = {
    "submitted": "submitted",
    "retired": "retired",
    "finished": "jobs done",
    "burst": "burst",
    "idle": "idle h",
    "unmet": "unmet h",
    "peak_pilots": "peak pilots",
}
TOTAL = "all"
Pair = tuple[Measures | None, Measures | None]


def pairs(closed: Closed) -> Iterator[tuple[str, Pair]]:
    """Every queue under both configurations; None where it is not there."""
    before = closed.before.queues
    after = closed.after.queues if closed.after else {}
    for name in sorted(before.keys() | after.keys()):
        yield name, (before.get(name), after.get(name))
    yield TOTAL, (closed.before.total, closed.after.total if closed.after else None)


def model_data(closed: Closed) -> dict[str, Any]:
    """For programs."""
    data = {
        name: {
            word: None if measures is None else measures.as_data()
            for word, measures in zip(("before", "after"), pair, strict=True)
        }
        for name, pair in pairs(closed)
    }
    total = data.pop(TOTAL)
    return {"note": MODEL, "queues": data, "total": total}


def tell_model(closed: Closed) -> None:
    """A table of two numbers for everything."""
    say("")
    say(MODEL)
    titles = ("queue", *COLUMNS.values())
    table(titles, [row(name, pair) for name, pair in pairs(closed)], numbers=titles[1:])


def row(name: str, pair: Pair) -> tuple[str, ...]:
    """One queue; where both are the same, or there is only one, one number."""
    there = [measures for measures in pair if measures is not None]
    cells = (list(dict.fromkeys(write(getattr(one, key)) for one in there)) for key in COLUMNS)
    return (name, *(" -> ".join(cell) for cell in cells))


def write(value: float) -> str:
    """A count as it is, hours to a tenth."""
    return f"{value:.1f}" if isinstance(value, float) else str(value)
