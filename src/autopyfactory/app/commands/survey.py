"""A survey: every source and target of a plan is asked once, all at the same time, and none is changed."""

import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial

from autopyfactory.call import Call
from autopyfactory.errors import FactoryError
from autopyfactory.factory import watch
from autopyfactory.options import Options
from autopyfactory.plan import Plan
from autopyfactory.sections import Section
from autopyfactory.shared import say
from autopyfactory.worker import start_thread

SLACK = 5.0  # seconds beyond its own deadlines in which a section surely has said what is wrong
ALWAYS = float("-inf")
Reads = list[tuple[Callable[[], object], Sequence[str]]]  # what is asked, and for which queues


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
        start_thread(f"survey of {section.title}", call.perform)
        calls.append((section.title, call, min(patience, 3 * timeout + SLACK)))
    found = {title: await_answer(call, began + seconds) for title, call, seconds in calls}
    return {title: troubles for title, troubles in found.items() if troubles}


def questions(plan: Plan) -> Iterator[tuple[Section, float, Reads]]:
    """Every section that a queue uses, with its deadline and what its queues ask it."""
    for source in plan.sources.values():
        works: defaultdict[Options, list[str]] = defaultdict(list)
        for name, queue in plan.queues.items():
            if queue.source is source:
                works[queue.work].append(name)
        seconds = source.options.max_age.total_seconds()
        asked: Reads = [(partial(source.read, work, max_age=seconds), who) for work, who in works.items()]
        yield source, source.options.timeout.total_seconds(), asked
    for target in plan.targets.values():
        names = [name for name, queue in plan.queues.items() if queue.target is target]
        seconds = target.options.max_age.total_seconds()
        each: Reads = [
            (partial(target.read, name, newer_than=ALWAYS, max_age=seconds), (name,)) for name in names
        ]
        yield target, target.options.timeout.total_seconds(), each


def ask(section: Section, timeout: float, reads: Reads, *, probe: bool) -> list[str]:
    """Every trouble once; after an answer that took too long nothing more is asked."""
    troubles: defaultdict[str, list[str]] = defaultdict(list)
    last: Reads = [(section.probe, ())] * probe  # it may tell what the reads have shown
    for read, queues in reads + last:
        began = time.monotonic()
        try:
            answer = read()
        except Exception as error:
            if troubles and not queues:  # a probe that fails as the reads did says nothing new
                break
            answer = [say(error).removeprefix(f"{section.title}: ")]
        for text in answer if isinstance(answer, list) else ():
            troubles[text] += queues
        if time.monotonic() - began > timeout:
            break
    everybody = {name for _, queues in reads for name in queues}
    return [f"{whose(queues, everybody)}{text}" for text, queues in troubles.items()]


def whose(queues: Sequence[str], everybody: Collection[str]) -> str:
    """The queues that a trouble is about, for the front of its sentence; nothing where it is about all."""
    if not queues or len(queues) == len(everybody) > 1:
        return ""
    more = f" and {len(queues) - 1} more" if len(queues) > 1 else ""
    return f"queue {queues[0]}{more}: "


def await_answer(call: Call[list[str]], deadline: float) -> list[str]:
    """What a section said, or that it said nothing."""
    try:
        return call.wait(max(0.0, deadline - time.monotonic()))
    except FactoryError:
        return ["gave no answer in time"]
