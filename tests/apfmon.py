"""A stand-in for an APFMon server, as that of 2016 answers: the same states, counts, refusals and words."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote

from webserver import Asked, Said

PAGE = 50
TEXT = {"Content-Type": "text/plain"}
ONE = {"factories": "factory", "labels": "label", "jobs": "job"}
NEXT = {"running": ("created",), "exiting": ("running",), "done": ("exiting",)}  # fault: from any other
NOT_FOUND = Said(status=404, headers={"Content-Type": "text/html"})
BROKEN = Said(status=500, headers={"Content-Type": "text/html"})


@dataclass
class Apfmon:
    """Factories, labels and jobs in memory; called with a request, it answers (see `webserver.serving`).

    `others` answers in its place where it returns something, so that a test can let it fail.
    """

    others: Callable[[Asked], Said | None] = lambda asked: None
    factories: dict[str, dict[str, Any]] = field(default_factory=dict)
    labels: dict[str, dict[str, Any]] = field(default_factory=dict)  # by 'factory:name'
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)  # by 'factory:cid'
    listed: list[dict[str, Any]] | None = None  # a list of labels that is served from a cache

    def __call__(self, asked: Asked) -> Said:
        if (said := self.others(asked)) is not None:
            return said
        _, kind, *rest = asked.path.removeprefix("/api").split("/")
        name = unquote(rest[0]) if rest else ""
        answer = getattr(self, f"{asked.method.lower()}_{ONE[kind] if name else kind}", None)
        if answer is None:
            return NOT_FOUND
        try:
            return answer(asked, name)
        except json.JSONDecodeError:
            return Said(status=400, body="No JSON object could be decoded\n", headers=TEXT)
        except (KeyError, TypeError, ValueError):
            return BROKEN

    # ---- factories

    def get_factories(self, asked: Asked, name: str) -> Said:
        return as_json(list(self.factories.values()))

    def get_factory(self, asked: Asked, name: str) -> Said:
        return as_json(self.factories[name]) if name in self.factories else NOT_FOUND

    def put_factory(self, asked: Asked, name: str) -> Said:
        facts = json.loads(asked.body)
        record = {key: facts[key] for key in ("url", "email", "version")}
        record |= {"name": name, "factory_type": facts.get("type", "AutoPyFactory"), "ip": "127.0.0.1"}
        created = name not in self.factories
        self.factories[name] = {**record, "id": len(self.factories) + created, "last_cycle": 0}
        return as_json([self.factories[name]], 201 if created else 200)

    # ---- labels

    def get_labels(self, asked: Asked, name: str) -> Said:
        query = dict(parse_qsl(asked.query))
        found = [label for label in self.labels.values() if label["factory"] == query.get("factory")]
        start, limit = int(query.get("offset", 0)), int(query.get("limit", PAGE))
        found = found if self.listed is None else self.listed
        return as_json([self.whole(label) for label in found[start:][: limit or None]])

    def get_label(self, asked: Asked, name: str) -> Said:
        return as_json(self.whole(self.labels[name])) if name in self.labels else NOT_FOUND

    def put_labels(self, asked: Asked, name: str) -> Said:
        wanted, created, updated = json.loads(asked.body), 0, 0
        for facts in wanted:
            key = f"{facts['factory']}:{facts['name']}"
            if facts["factory"] not in self.factories:
                continue
            created, updated = created + (key not in self.labels), updated + (key in self.labels)
            fresh = {
                "name": facts["name"],
                "factory": facts["factory"],
                "msg": "",
                "id": len(self.labels) + 1,
            }
            label = self.labels.setdefault(key, fresh)
            for theirs, ours in (("batchqueue", "prq"), ("resource", "resource")):
                label[ours] = facts.get(theirs, label.get(ours, ""))
        return counted("label", created, len(wanted), f"{updated} updated")

    def post_label(self, asked: Asked, name: str) -> Said:
        if name not in self.labels:
            return NOT_FOUND
        form = read_form(asked)
        if "status" not in form:
            return invalid(form)
        self.labels[name]["msg"] = form["status"][0][:255]
        return Said(headers=TEXT | {"Location": f"/api/labels/{name}"})

    def whole(self, label: Mapping[str, Any]) -> dict[str, Any]:
        """A label with the counts of its jobs."""
        states = [
            job["state"]
            for job in self.jobs.values()
            if (job["factory"], job["label"]) == (label["factory"], label["name"])
        ]
        counts = {f"n{state}": states.count(state) for state in ("created", *NEXT, "fault")}
        return {**label, **counts, "activity": [0] * 24, "mortality": 0}

    # ---- jobs

    def get_jobs(self, asked: Asked, name: str) -> Said:
        query = dict(parse_qsl(asked.query))
        found = [job for job in reversed(self.jobs.values()) if matches(job, query)]
        return as_json([{key: job[key] for key in ("jid", "state", "result", "flag")} for job in found])

    def get_job(self, asked: Asked, name: str) -> Said:
        return as_json(self.jobs[name]) if name in self.jobs else NOT_FOUND

    def put_jobs(self, asked: Asked, name: str) -> Said:
        wanted, created, missed = json.loads(asked.body), 0, 0
        if any(facts["factory"] not in self.factories for facts in wanted):
            return NOT_FOUND
        for facts in wanted:
            key = f"{facts['factory']}:{facts['cid']}"
            if f"{facts['factory']}:{facts['label']}" not in self.labels:
                missed += 1
            elif key not in self.jobs:
                created += 1
                record = {"jid": key, "state": "created", "result": -1, "flag": False, "messages": []}
                self.jobs[key] = {**facts, **record}
        return counted("job", created, len(wanted), f"{missed} not created")

    def post_job(self, asked: Asked, name: str) -> Said:
        if name not in self.jobs:
            return Said(status=404, body=f"Not found: /api/jobs/{name}\n", headers=TEXT)
        form, job = read_form(asked), self.jobs[name]
        state = form.get("state", [""])[0]
        if state not in {*NEXT, "fault"}:
            return invalid(form)
        if job["state"] not in NEXT.get(state, {"created", *NEXT} - {state}):
            mark = "," if state == "running" else ":"
            words = f"Invalid state transition{mark} {job['state']}->{state}\n"
            return Said(status=400, body=words, headers=TEXT)
        if state == "exiting":
            job["result"] = int(form["rc"][0])
        job["state"] = state
        return Said(body=f"/api/jobs/{name}\n", headers=TEXT)

    def delete_job(self, asked: Asked, name: str) -> Said:
        return Said(headers=TEXT) if self.jobs.pop(name, None) else NOT_FOUND


def as_json(value: Any, status: int = 200) -> Said:
    return Said(status=status, body=json.dumps(value), headers={"Content-Type": "application/json"})


def counted(noun: str, created: int, wanted: int, rest: str) -> Said:
    words = f"Created {created}/{wanted} {noun}{'s' if wanted > 1 else ''}, {rest}\n"
    return Said(status=201 if created else 200, body=words, headers=TEXT)


def read_form(asked: Asked) -> dict[str, list[str]]:
    """What a form says; a body of another kind says nothing."""
    kind = asked.headers.get("Content-Type", "")
    return parse_qs(asked.body.decode()) if re.match("application/x-www-form", kind) else {}


def invalid(form: Mapping[str, list[str]]) -> Said:
    words = re.sub(r"'[^']*'", r"u\g<0>", str(dict(form)))  # as the Python of that time writes text
    return Said(status=400, body=f"Invalid data: {words}\n", headers=TEXT)


def matches(job: Mapping[str, Any], query: Mapping[str, str]) -> bool:
    return all(job[key] == query[key] for key in ("factory", "label", "state") if key in query)
