"""`apf status` and `apf reload`: what the running daemon says, for people and programs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autopyfactory.app.commands.output import emit, say, table
from autopyfactory.app.control import ask
from autopyfactory.app.engine import Engine
from autopyfactory.app.state import CONTROL, default_folder
from autopyfactory.errors import ConfigError

RELOAD = 150.0  # seconds: a little longer than the daemon takes at most
WORST_FIRST = ("wrong", "stopped", "failed", "kept", "waits", "fine")
TITLES = ("queue", "state", "cycle", "ready", "pending", "running", "last cycle")


def show_status(config: Path | None, state: Path | None, *, as_json: bool) -> int:
    """Show all queues; 1 when one is in trouble."""
    told = dict(ask(find(config, state), {"ask": "status"}))
    told["queues"] = sorted(
        told["queues"], key=lambda queue: (WORST_FIRST.index(queue["state"]), queue["queue"])
    )
    if as_json:
        emit(told)
    else:
        say(f"factory {told['factory']}: version {told['version']}, pid {told['pid']}, since {told['since']}")
        table(TITLES, [row(queue) for queue in told["queues"]], numbers=TITLES[2:6])
        for name, monitor in told["monitors"].items():
            if monitor["dropped"] or monitor["failed"]:
                say(f"monitor {name}: {monitor['dropped']} reports dropped, {monitor['failed']} failed")
    return 1 if any(queue["state"] not in ("fine", "waits") for queue in told["queues"]) else 0


def request_reload(config: Path | None, state: Path | None, *, as_json: bool) -> int:
    """Let the daemon reload and show what changed; 2 when the new configuration has problems."""
    told = ask(find(config, state), {"ask": "reload"}, RELOAD)
    if as_json:
        emit(told)
    else:
        for word in ("started", "stopped", "changed", "kept"):
            if told[word]:
                say(f"{word}: {', '.join(told[word])}")
        for problem in told["problems"]:
            say(problem, "red")
    return 2 if told["problems"] else 0


def find(config: Path | None, state: Path | None) -> Path:
    """The state folder that is meant; without a word of it, the only one with a daemon."""
    if state is not None:
        return state
    if config is not None:
        return Engine.build(config).folder
    home = default_folder("x").parent
    found = sorted(path.parent for path in home.glob(f"*/{CONTROL}"))
    if len(found) == 1:
        return found[0]
    names = ", ".join(folder.name for folder in found)
    raise ConfigError(
        f"{'several factories' if found else 'no factory'} under {home}{': ' if names else ''}{names};"
        " name a CONFIG, or --state FOLDER"
    )


def row(queue: Mapping[str, Any]) -> tuple[str, ...]:
    """A queue as a row of the table."""
    report = queue["report"] or {}
    demand, supply = report.get("demand") or {}, report.get("supply") or {}
    words = [*queue["problems"], *([queue["error"]] if queue["error"] else []), report.get("verdict", "")]
    facts = (report.get("cycle"), demand.get("ready"), supply.get("pending"), supply.get("running"))
    numbers = ("" if fact is None else str(fact) for fact in facts)
    return (queue["queue"], queue["state"], *numbers, "; ".join(word for word in words if word))
