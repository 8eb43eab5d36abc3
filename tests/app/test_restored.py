"""A configuration out of definitions is the one that they were made of."""

import json

import pytest

from assembling import HEAD, PROCESS, build, lines, planned, with_head
from autopyfactory.app.assembly.assemble import assemble
from autopyfactory.app.restored import restore
from autopyfactory.errors import ConfigError
from autopyfactory.plan import Plan

FACTORY = {"id": "here", "state": "/site/state"}
CASES = (
    "[queue.A]\n[queue.B]\ninterval = '1m 30s'\nweight = 0.5\n",
    "[queue.A]\nwhen_unknown = { submit = 3 }\nwork = { label = 'x' }\n",
    """
    [target.look]
    kind = "dry_run"
    target = "ce01"
    [queue.A]
    target = "look"
    pilot = { cores = 2 }
    policies = [
        { kind = "fixed", count = 5 },
        { kind = "throttle", max_time = "1m" },
        { kind = "max_per_cycle", name = "first", limit = 4 },
        { kind = "max_per_cycle", limit = 3 },
        { kind = "keep_n_queue_life" },
    ]
    policy.first.limit = 9
    shadow = [{ kind = "fixed", count = 1 }]
    """,
    """
    [target.pool]
    kind = "htcondor"
    max_age = "30s"
    guard = { per_minute = "unlimited", retire_share = 0.5, breaker = { failures = "unlimited" } }
    [queue.A]
    target = "pool"
    pilot = { executable = "/bin/true" }
    guard.downtime = [{ start = "22:00", end = "06:00", zone = "Europe/Zurich" }]
    """,
    "[defaults.local]\n[queue.NOTHING]\nsource = 'jobs'\npolicies = []\n",
)


def definitions(plan: Plan) -> dict[str, str]:
    return {name: queue.definition for name, queue in plan.queues.items()}


@pytest.mark.parametrize("text", CASES)
def test_definitions_give_the_configuration_that_they_were_made_of(text: str) -> None:
    before = planned(with_head(text))
    assembly = assemble(restore(definitions(before), FACTORY, {}), PROCESS, before)
    assert lines(assembly) == []
    after = planned(assembly)
    assert definitions(after) == definitions(before)
    for name, queue in after.queues.items():
        assert queue.target is before.queues[name].target
        assert queue.source is before.queues[name].source


def test_credentials_and_monitors_are_taken_from_beside() -> None:
    beside = {"credential": {"proxy": {"kind": "file"}}, "source": {"other": {}}}
    tables = restore({}, FACTORY, beside)
    assert (tables["credential"], tables["source"]) == (beside["credential"], {})


def test_a_queue_without_a_source_stays_without_one() -> None:
    head = HEAD.replace('source = "jobs"', "").replace('{ kind = "ready" }', '{ kind = "fixed", count = 1 }')
    before = planned(build(f"{head}\n[queue.A]\n"))
    tables = restore(definitions(before), FACTORY, {})
    assert "source" not in tables["queue"]["A"]
    assert definitions(planned(assemble(tables, PROCESS))) == definitions(before)


@pytest.mark.parametrize("text", ["", "{}", "[]", json.dumps({"source": {}, "target": {}})])
def test_what_is_no_definition_is_told_with_the_queue(text: str) -> None:
    with pytest.raises(ConfigError, match="nobody knows what queue 'A' was configured as"):
        restore({"A": text}, FACTORY, {})
