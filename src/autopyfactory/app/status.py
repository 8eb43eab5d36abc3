"""The status of a running factory as plain data: what the control socket tells."""

import time
from dataclasses import asdict
from typing import Any

from autopyfactory.app.rhythm import seconds_to_turn
from autopyfactory.cut import broken
from autopyfactory.cycle import Queue
from autopyfactory.factory import Factory
from autopyfactory.fields import timestamp
from autopyfactory.guard import Guard
from autopyfactory.model import Report
from autopyfactory.plan import Plan, WrongQueue
from autopyfactory.proofs import Proofs, write_end
from autopyfactory.render import as_data

FINE = ("fine", "waits", "disabled")  # states in which nobody has to do anything


def describe(factory: Factory, plan: Plan) -> dict[str, Any]:
    """All queues of a plan with their last reports, its credentials, and the monitors with a section."""
    reports = factory.reports()
    running = [
        _running(queue, reports.get(name), factory.failed.get(name, ""))
        for name, queue in plan.queues.items()
    ]
    for queue in running:
        wrong = plan.failed.get(queue["queue"])
        if wrong is not None:
            queue["problems"] = _problems(wrong)
            queue["state"] = "failed" if queue["state"] == "failed" else "kept"
    missing = [_wrong(name, wrong) for name, wrong in plan.failed.items() if name not in plan.queues]
    disabled = [absent(name, "disabled") for name in plan.disabled]
    monitors = {
        name: {"dropped": outlet.dropped, "failed": outlet.failed, "lost": outlet.lost}
        for name, outlet in factory.monitors().items()
        if not name.startswith("(")  # ours, which no section can be called
    }
    return {
        "factory": plan.settings.id,
        "queues": [*running, *missing, *disabled],
        "guard": describe_guard(factory.guard),
        "monitors": monitors,
        "credentials": {name: _credential(proofs) for name, proofs in plan.credentials.items()},
    }


def describe_guard(guard: Guard) -> dict[str, Any]:
    """How often the guard cut since the start, by what and where, and its breakers that are not closed."""
    cuts = [
        {"limit": kind, "place": place, "count": count} for (kind, place), count in sorted(guard.cuts.items())
    ]
    breakers = [{**asdict(tripped), "words": broken(tripped).words()} for tripped in guard.tripped()]
    return {"cuts": cuts, "breakers": breakers}


def _credential(proofs: Proofs) -> dict[str, Any]:
    """A credential as its last look, at most about a minute ago, found it."""
    last = proofs.last
    return {
        "type": proofs.type,
        "subject": last and last.subject,
        "path": last and str(last.path),
        "end": last and write_end(last.end),
        "trouble": proofs.trouble or None,
        "failed": proofs.failed,
    }


def _running(queue: Queue, report: Report | None, threadless: str) -> dict[str, Any]:
    wall = time.time()
    return {
        **absent(queue.name, state_of(report, threadless)),
        "source": queue.source.name,
        "target": queue.target.name,
        "interval": queue.interval,
        "next": None if threadless else timestamp(wall + seconds_to_turn(queue, wall)),
        "report": None if report is None else as_data(report),
        "error": threadless or None,
    }


def state_of(report: Report | None, threadless: str) -> str:
    """How a queue does that runs; `threadless` is why it has no thread."""
    if threadless:
        return "stopped"
    if report is None:
        return "waits"
    if report.error is not None:
        return "failed"
    if report.seen is None:
        return "fine"
    if report.guard is not None and report.guard.breakers:
        return "troubled"
    if report.seen.supply.held:
        return "held"
    return "troubled" if report.seen.supply.troubles else "fine"


def _wrong(name: str, wrong: WrongQueue) -> dict[str, Any]:
    """A queue that does not run because its definition is wrong."""
    known = {"source": wrong.source, "target": wrong.target, "interval": wrong.interval}
    return {**absent(name, "wrong"), **known, "problems": _problems(wrong)}


def absent(name: str, state: str) -> dict[str, Any]:
    """A queue of which nothing is known; every queue has all these keys."""
    facts = dict.fromkeys(("source", "target", "interval", "next", "report", "error"))
    return {"queue": name, "state": state, **facts, "problems": []}


def _problems(wrong: WrongQueue) -> list[dict[str, str]]:
    return [asdict(problem) for problem in wrong.problems]
