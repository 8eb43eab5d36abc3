"""`apf status` and `apf reload`: what the running daemon says, for people and programs."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from autopyfactory.app.assembly.problems import write_problem
from autopyfactory.app.assembly.words import number
from autopyfactory.app.commands.output import emit, say, table
from autopyfactory.app.control import ask
from autopyfactory.app.rhythm import say_duration
from autopyfactory.app.state import CONTROL, default_folder
from autopyfactory.app.status import FINE
from autopyfactory.app.whereabouts import locate
from autopyfactory.errors import ConfigError

RELOAD = 150.0  # seconds: a little longer than the daemon takes at most
WORST_FIRST = ("wrong", "stopped", "failed", "kept", "held", "troubled", "waits", "fine", "disabled")
ODD = ("held", "uncertain")  # columns that are there only when a queue has some
MOST = 20  # names of queues that one line of a reload holds


def show_status(config: Path | None, state: Path | None, *, as_json: bool) -> int:
    """Show all queues; 1 when one is in trouble, or when the last reload failed."""
    told = dict(ask(find(config, state), {"ask": "status"}))
    told["queues"] = sort(told["queues"])
    if as_json:
        emit(told)
    else:
        tell(told)
    return 1 if told.get("broken") or any(queue["state"] not in FINE for queue in told["queues"]) else 0


def tell(told: Mapping[str, Any]) -> None:
    """The status in words."""
    say(f"factory {told['factory']}: version {told['version']}, pid {told['pid']}, since {told['since']}")
    broken = told.get("broken")
    if broken:
        say(f"configuration on disk is broken since {broken['since']}: {broken['error']}", "red")
    numbers, odd = columns(told["queues"])
    now = datetime.now(UTC)
    rows = [row(queue, odd, now) for queue in told["queues"]]
    table(("queue", "state", *numbers, "last cycle"), rows, numbers=numbers)
    for breaker in told.get("guard", {}).get("breakers", ()):
        say(breaker["words"], "yellow")
    for name, credential in told.get("credentials", {}).items():
        failed = f"; renewal failed {credential['failed']} times" if credential["failed"] else ""
        if credential["trouble"] or failed:
            say(f"credential {name}: {credential['trouble'] or 'valid still'}{failed}", "red")
    for name, catalog in told.get("catalogs", {}).items():
        say(f"catalog {name}: {tell_catalog(catalog)}", "red" if catalog["trouble"] else "")
    for name, monitor in told["monitors"].items():
        lost = f", {monitor['lost']} facts lost" if monitor.get("lost") else ""
        if monitor["dropped"] or monitor["failed"] or lost:
            say(f"monitor {name}: {monitor['dropped']} reports dropped, {monitor['failed']} failed{lost}")


def tell_catalog(catalog: Mapping[str, Any]) -> str:
    """A catalogue in one line."""
    words = [number(catalog["queues"], "queue")]
    if catalog["left_out"]:
        words.append(f"{number(catalog['left_out'], 'place')} left out, see `apf catalog`")
    return "; ".join([*words, *filter(None, [catalog["trouble"]])])


def sort(queues: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The queues in trouble first."""
    return sorted(queues, key=lambda queue: (WORST_FIRST.index(queue["state"]), queue["queue"]))


def columns(queues: Iterable[Mapping[str, Any]]) -> tuple[tuple[str, ...], Sequence[str]]:
    """The columns of numbers, and those among them that are there only when a queue has some."""
    odd = [name for name in ODD if any(supply(queue).get(name) for queue in queues)]
    return ("cycle", "ready", "pending", "running", *odd), odd


def request_reload(config: Path | None, state: Path | None, *, as_json: bool) -> int:
    """Let the daemon reload and show what changed; 2 when the new configuration has problems."""
    told = ask(find(config, state), {"ask": "reload"}, RELOAD)
    if as_json:
        emit(told)
    else:
        words = [word for word in ("started", "stopped", "changed", "kept") if told[word]]
        for word in words:
            say(f"{word}: {some(told[word])}")
        if not words:
            say("nothing changed")
        for problem in told["problems"]:
            say(write_problem(problem), "red")
    return 2 if told["problems"] else 0


def some(names: Sequence[str]) -> str:
    """Names for one line; of very many the first ones and how many more."""
    more = f" and {len(names) - MOST} more" if len(names) > MOST else ""
    return f"{', '.join(names[:MOST])}{more}"


def find(config: Path | None, state: Path | None) -> Path:
    """The state folder that is meant; without a word of it, the only one with a daemon."""
    if state is not None:
        return state
    if config is not None:
        return locate(config)
    home = default_folder("x").parent
    found = sorted(path.parent for path in home.glob(f"*/{CONTROL}"))
    if len(found) == 1:
        return found[0]
    names = ", ".join(folder.name for folder in found)
    raise ConfigError(
        f"{'several factories' if found else 'no factory'} under {home}{': ' if names else ''}{names};"
        " name a CONFIG, or --state FOLDER"
    )


def supply(queue: Mapping[str, Any]) -> Mapping[str, Any]:
    """The pilots of a queue as its last cycle saw them; nothing if it saw none."""
    return (queue["report"] or {}).get("supply") or {}


def row(queue: Mapping[str, Any], odd: Sequence[str], now: datetime) -> tuple[str, ...]:
    """A queue as a row of the table."""
    report, pilots = queue["report"] or {}, supply(queue)
    demand = report.get("demand") or {}
    facts = [
        report.get("cycle"),
        demand.get("ready"),
        *(pilots.get(key) for key in ("pending", "running", *odd)),
    ]
    numbers = ("" if fact is None else str(fact) for fact in facts)
    words = [
        *map(write_problem, queue["problems"]),
        queue["error"],
        (report.get("verdict") or "").removeprefix("failed: "),  # the state says it
        *pilots.get("troubles", ()),
        due(queue, now),
    ]
    return (queue["queue"], queue["state"], *numbers, "; ".join(word for word in words if word))


def due(queue: Mapping[str, Any], now: datetime) -> str:
    """When the first cycle of a queue that waits for it is due."""
    if queue["state"] != "waits" or not queue["next"]:
        return ""
    seconds = (datetime.fromisoformat(queue["next"]) - now).total_seconds()
    return f"first cycle in {say_duration(max(0.0, seconds))}"
