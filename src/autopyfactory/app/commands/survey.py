"""A survey: every source and target of a plan is asked once, all at the same time, and none is changed."""

import time
from collections.abc import Callable, Iterator
from functools import partial

from autopyfactory.errors import FactoryError
from autopyfactory.factory import watch
from autopyfactory.plan import Plan
from autopyfactory.sections import Section
from autopyfactory.shared import say
from autopyfactory.worker import Call, start_thread

SLACK = 5.0  # seconds beyond its own deadlines in which a section surely has said what is wrong
ALWAYS = float("-inf")
Read = Callable[[], object]


def survey(plan: Plan, *, probe: bool = False, patience: float = float("inf")) -> dict[str, list[str]]:
    """What is wrong with each section, by its title, 'source wms'; those that are fine are left out.

    With `probe` the plug-ins also look for trouble themselves.  Nobody is waited for longer than
    `patience` seconds, nor much longer than the section's own deadlines.
    """
    watch(plan)
    began = time.monotonic()
    calls = []
    for section, timeout, reads in questions(plan):
        call = Call(section.title, partial(ask, section, timeout, reads, probe=probe))
        start_thread(f"survey of {section.title}", partial(call.perform, time.monotonic))
        calls.append((section.title, call, min(patience, 3 * timeout + SLACK)))
    found = {title: await_answer(call, began + seconds) for title, call, seconds in calls}
    return {title: troubles for title, troubles in found.items() if troubles}


def questions(plan: Plan) -> Iterator[tuple[Section, float, list[Read]]]:
    """Every section that a queue uses, with its deadline and what its queues ask it."""
    for source in plan.sources.values():
        works = {queue.work for queue in plan.queues.values() if queue.source is source}
        seconds = source.options.max_age.total_seconds()
        asked: list[Read] = [partial(source.read, work, max_age=seconds) for work in works]
        yield source, source.options.timeout.total_seconds(), asked
    for target in plan.targets.values():
        names = [name for name, queue in plan.queues.items() if queue.target is target]
        seconds = target.options.max_age.total_seconds()
        asked = [partial(target.read, name, newer_than=ALWAYS, max_age=seconds) for name in names]
        yield target, target.options.timeout.total_seconds(), asked


def ask(section: Section, timeout: float, reads: list[Read], *, probe: bool) -> list[str]:
    """Every trouble once; after an answer that took too long nothing more is asked."""
    troubles: dict[str, None] = {}
    for read in reads + [section.probe] * probe:  # a probe may tell what the reads have shown
        began = time.monotonic()
        try:
            answer = read()
        except Exception as error:
            answer = [say(error).removeprefix(f"{section.title}: ")]
        if isinstance(answer, list):
            troubles.update(dict.fromkeys(answer))
        if time.monotonic() - began > timeout:
            break
    return list(troubles)


def await_answer(call: Call[list[str]], deadline: float) -> list[str]:
    """What a section said, or that it said nothing."""
    try:
        return call.wait(max(0.0, deadline - time.monotonic()))
    except FactoryError:
        return ["gave no answer in time"]
