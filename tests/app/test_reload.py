"""What of a new configuration takes the place of the one that runs."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from autopyfactory.app.assembly.assemble import Assembly
from autopyfactory.app.assembly.siblings import introduce
from autopyfactory.app.reload import differences, keep, succeed
from autopyfactory.configuration import Problem
from autopyfactory.errors import ConfigError
from autopyfactory.plan import Plan
from rig import Rig


@pytest.fixture
def rig() -> Iterator[Rig]:
    rig = Rig()
    yield rig
    rig.close()


def plan(rig: Rig, *names: str) -> Plan:
    """A plan of siblings of these names, with a source and a target of its own."""
    (_, source), (_, target) = rig.source(), rig.target()
    queues = introduce({name: rig.queue(source, target, name=name) for name in names})
    return rig.plan(list(queues.values()))


def without(plan: Plan, name: str) -> Plan:
    """A reading in which this queue is wrong."""
    queues = {other: queue for other, queue in plan.queues.items() if other != name}
    return replace(plan, queues=queues, failed={name: Rig.wrong("misspelt")})


def test_a_queue_that_is_wrong_keeps_its_old_definition_and_sections(rig: Rig) -> None:
    running, read = plan(rig, "a", "b"), without(plan(rig, "a", "b"), "b")
    merged = keep(running, read)
    assert merged.queues["a"] is read.queues["a"]
    assert merged.queues["b"] is running.queues["b"]
    assert {id(section) for section in merged.sections()} == {
        id(section) for section in (*running.sections(), *read.sections())
    }
    assert merged.sources["wms"] is read.sources["wms"]


def test_a_queue_that_is_wrong_keeps_its_credentials_and_those_of_its_sections(rig: Rig) -> None:
    (_, source), (_, target) = rig.source(), rig.target()
    (_, own), (_, handed) = rig.credential(), rig.credential()
    source.credentials = (handed,)
    running = rig.plan([rig.queue(source, target, name="a", credentials=(own,))])
    merged = keep(running, replace(plan(rig), failed={"a": Rig.wrong("misspelt")}))
    assert set(map(id, merged.credentials.values())) == {id(own), id(handed)}


def test_a_kept_queue_is_kept_once_more(rig: Rig) -> None:
    running = plan(rig, "a", "b")
    once = keep(running, without(plan(rig, "a", "b"), "b"))
    twice = keep(once, without(plan(rig, "a", "b"), "b"))
    assert twice.queues["b"] is running.queues["b"]
    assert running.targets["site"] in twice.targets.values()
    assert once.queues["a"].target not in twice.targets.values()


def test_a_queue_that_is_kept_is_still_the_sibling_of_those_that_serve_the_same_work(rig: Rig) -> None:
    running, read = plan(rig, "a", "b"), without(plan(rig, "a", "b", "c"), "b")
    merged = keep(running, replace(read, queues=introduce(read.queues)))
    assert {name: [other for other, _ in queue.siblings] for name, queue in merged.queues.items()} == {
        "a": ["b", "c"],
        "b": ["a", "c"],
        "c": ["a", "b"],
    }


def test_a_queue_that_is_wrong_and_new_does_not_run(rig: Rig) -> None:
    running = plan(rig, "a")
    assert set(keep(running, without(plan(rig, "a", "b"), "b")).queues) == {"a"}


def test_a_queue_that_is_gone_does_not_stay(rig: Rig) -> None:
    running, read = plan(rig, "a", "b"), plan(rig, "a")
    merged = keep(running, read)
    assert set(merged.queues) == {"a"}
    assert merged.sections() == read.sections()


def test_what_changed_is_named(rig: Rig) -> None:
    running = plan(rig, "same", "changed", "gone", "wrong")
    queues = {
        "same": running.queues["same"],
        "changed": replace(running.queues["changed"], interval=20),
        "new": replace(running.queues["same"], name="new"),
        "wrong": running.queues["wrong"],
    }
    read = replace(running, queues=queues, failed={"wrong": Rig.wrong("misspelt")})
    assert differences(running, read) == {
        "started": ["new"],
        "stopped": ["gone"],
        "changed": ["changed"],
        "kept": ["wrong"],
    }


@pytest.mark.parametrize("section", ["factory", "factory.guard"])
def test_with_a_wrong_factory_section_everything_stays(rig: Rig, section: str) -> None:
    running = plan(rig, "a")
    problem = Problem(file="f.toml", section=section, key="id", text="is missing")
    with pytest.raises(ConfigError, match=r"stays:\nf.toml: .* id: is missing"):
        succeed(running, Assembly(plan=running, problems=(problem,)))
    with pytest.raises(ConfigError, match="stays"):
        succeed(running, Assembly(plan=None, problems=()))


@pytest.mark.parametrize("change", [{"id": "another"}, {"state": Path("/elsewhere")}])
def test_identity_and_state_change_only_with_a_new_start(rig: Rig, change: dict[str, object]) -> None:
    running = plan(rig, "a")
    read = replace(running, settings=running.settings.model_copy(update=change))
    with pytest.raises(ConfigError, match="stop the daemon"):
        succeed(running, Assembly(plan=read, problems=()))


def test_a_right_reading_is_the_next_plan(rig: Rig) -> None:
    running, read = plan(rig, "a"), plan(rig, "a", "b")
    assert succeed(running, Assembly(plan=read, problems=())) == read
