"""The status of a running factory as plain data: what the control socket tells."""

from collections.abc import Mapping
from typing import Any

from autopyfactory.cycle import Queue
from autopyfactory.factory import Factory
from autopyfactory.model import Report
from autopyfactory.plan import Plan
from autopyfactory.render import as_data


def describe(factory: Factory, plan: Plan) -> dict[str, Any]:
    """All queues of a plan, with their last reports, and the monitors."""
    reports = factory.reports()
    queues = [
        _queue(queue, reports.get(name), factory.failed.get(name, "")) for name, queue in plan.queues.items()
    ]
    wrong = {name: list(texts) for name, texts in plan.failed.items()}
    for queue in queues:
        queue["problems"] = wrong.get(queue["queue"], [])
        if queue["problems"] and queue["state"] != "failed":
            queue["state"] = "kept"
    missing = [_missing(name, texts) for name, texts in wrong.items() if name not in plan.queues]
    monitors = {
        name: {"dropped": outlet.dropped, "failed": outlet.failed}
        for name, outlet in factory.monitors().items()
    }
    return {"factory": plan.settings.id, "queues": [*queues, *missing], "monitors": monitors}


def _queue(queue: Queue, report: Report | None, threadless: str) -> dict[str, Any]:
    return {
        "queue": queue.name,
        "source": queue.source.name,
        "target": queue.target.name,
        "interval": queue.interval,
        "state": _state(report, threadless),
        "report": None if report is None else as_data(report),
        "error": threadless or None,
    }


def _state(report: Report | None, threadless: str) -> str:
    if threadless:
        return "stopped"
    if report is None:
        return "waits"
    return "failed" if report.error is not None else "fine"


def _missing(name: str, texts: list[str]) -> Mapping[str, Any]:
    """A queue that does not run because its definition is wrong."""
    return {"queue": name, "state": "wrong", "report": None, "error": None, "problems": texts}
