"""`apf retire`: pilots of one queue taken away, by the daemon that runs or by this process."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autopyfactory.app.commands.once import LONGEST_CYCLE, act_alone, find
from autopyfactory.app.commands.output import emit, say
from autopyfactory.app.commands.status_table import find as find_state
from autopyfactory.app.control import ask, runs
from autopyfactory.app.engine import Engine
from autopyfactory.cycle import Queue
from autopyfactory.factory import watch
from autopyfactory.model import Report
from autopyfactory.render import as_data
from autopyfactory.retirement import Wish
from autopyfactory.retirement import retire as run_retirement

LEFT = "the target has no more that it takes away; pilots with a payload stay unless its section says else"


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """Where the factory is: its configuration, or its state folder; neither: the only daemon."""

    config: Path | None
    state: Path | None


def retire(name: str, wish: Wish, place: Whereabouts, *, as_json: bool) -> int:
    """Retire pilots and say which; 1 when fewer than so many were."""
    told = request(name, wish, place)
    if as_json:
        emit(told)
    else:
        for line in (sentence(told), *missing(told, wish.count)):
            say(line)
    return 0 if len(told["retired"]) == wish.count and not told["error"] else 1


def request(name: str, wish: Wish, place: Whereabouts) -> Mapping[str, Any]:
    """Ask the daemon; without one, and with a configuration, do it here."""
    folder = find_state(place.config, place.state)
    if place.config is None or runs(folder):
        asked = {"ask": "retire", "queue": name, "count": wish.count, "now": wish.hurried}
        answer = ask(folder, asked, LONGEST_CYCLE)
        return {"by": "the running daemon", **answer["report"]}
    engine = Engine.build(place.config)
    return {"by": "this command", **as_data(act(engine, find(engine, name), wish))}


def act(engine: Engine, queue: Queue, wish: Wish) -> Report:
    """Retire by this process."""

    def run() -> Report:
        watch(engine.plan)
        return run_retirement(engine.cycle, queue, None, wish)

    return act_alone(engine, queue, run)


def missing(told: Mapping[str, Any], count: int) -> Iterator[str]:
    """Why fewer went, where that does not stand in the sentence."""
    wanted = -(told["decision"] or 0)
    if 0 < wanted < count:
        yield f"  {told['steps'][-1]['rule']}"
    if len(told["retired"]) < wanted and not told["error"]:
        yield f"  {LEFT}"


def sentence(told: Mapping[str, Any]) -> str:
    """What came of it, with all identifiers, in one line."""
    words = f"{told['queue']} at {told['target']}: {told['verdict']}"
    return f"{words}: {', '.join(told['retired'])}" if told["retired"] else words
