"""A reload: what of a new configuration may take the place of the one that runs."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import TypeVar

from autopyfactory.app.assembly.assemble import Assembly
from autopyfactory.app.assembly.siblings import introduce
from autopyfactory.cycle import Queue
from autopyfactory.errors import ConfigError
from autopyfactory.plan import Plan
from autopyfactory.proofs import Proofs
from autopyfactory.sections import Section

S = TypeVar("S", bound=Section)
WHOLE = ("factory", "catalog")  # what is wrong in these is wrong with the whole


def succeed(running: Plan, assembly: Assembly) -> Plan:
    """The plan to run next.  `ConfigError` when `[factory]` or a catalogue is wrong: all stays as it is.

    A queue whose new definition is wrong goes on with the one it has: an error in typing is no reason
    to take its pilots away, nor to leave its work waiting.
    """
    plan = assembly.plan
    wrong = [str(problem) for problem in assembly.problems if problem.section.split(".")[0] in WHOLE]
    if plan is None or wrong:
        raise ConfigError("\n".join(["the running configuration stays:", *wrong]))
    for name in ("id", "state"):
        before, after = getattr(running.settings, name), getattr(plan.settings, name)
        if before != after:
            raise ConfigError(
                f"[factory] {name} was {before} and is {after} now: stop the daemon and start it again"
            )
    return keep(running, plan)


def keep(running: Plan, plan: Plan) -> Plan:
    """The new plan, and in it the old definitions of its wrong queues, which stay siblings of the others."""
    kept = {name: queue for name, queue in running.queues.items() if name in plan.failed}
    return replace(
        plan,
        queues=introduce({**plan.queues, **kept}),
        sources=join({queue.source for queue in kept.values()}, plan.sources),
        targets=join({queue.target for queue in kept.values()}, plan.targets),
        credentials=join({one for queue in kept.values() for one in credentials(queue)}, plan.credentials),
    )


def credentials(queue: Queue) -> Iterator[Proofs]:
    """All that a queue uses, itself or through its source and target."""
    handed = (*queue.source.credentials, *queue.target.credentials)
    yield from (*queue.credentials, *(one for one in handed if isinstance(one, Proofs)))


def join(kept: Collection[S], sections: Mapping[str, S]) -> Mapping[str, S]:
    """The sections of a plan, and before them those that only kept queues use."""
    old = [section for section in kept if section not in sections.values()]
    return {f"{section.name} (before {number})": section for number, section in enumerate(old, 1)} | dict(
        sections
    )


def differences(running: Plan, plan: Plan) -> dict[str, list[str]]:
    """The names of the queues that a reload starts, stops, changes and keeps though they are wrong."""
    both = running.queues.keys() & plan.queues.keys()
    return {
        "started": sorted(plan.queues.keys() - running.queues.keys()),
        "stopped": sorted(running.queues.keys() - plan.queues.keys()),
        "changed": sorted(name for name in both if plan.queues[name] != running.queues[name]),
        "kept": sorted(plan.queues.keys() & plan.failed.keys()),
    }
