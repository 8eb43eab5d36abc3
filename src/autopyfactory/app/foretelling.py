"""What the next cycle of a queue would decide under two configurations that see the same."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from autopyfactory.app.alteration import Alteration
from autopyfactory.app.assembly.assemble import assemble
from autopyfactory.app.bystander import look_only
from autopyfactory.app.commands.once import close
from autopyfactory.app.commands.survey import survey
from autopyfactory.app.engine import WrongConfig
from autopyfactory.configuration import Problem
from autopyfactory.cycle import Cycle, Queue
from autopyfactory.fleet import Fleet
from autopyfactory.guard import Guard
from autopyfactory.ledger import Ledger
from autopyfactory.model import Report
from autopyfactory.plan import Plan
from autopyfactory.sections import Process


@dataclass(frozen=True, slots=True, kw_only=True)
class Foretold:
    """One altered queue, and the cycle that it would have before and after; None where it is in no plan."""

    alteration: Alteration
    before: Report | None
    after: Report | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """The plans of two configurations, in one process in which time stands still.

    So whoever asks a section gets the one answer that it gave, and sections in which nothing differs
    are the same for both.
    """

    before: Plan
    after: Plan
    cycle: Cycle
    problems: tuple[Problem, ...]  # of the first configuration; those of the second are an error

    @classmethod
    def make(cls, before: Mapping[str, Any], after: Mapping[str, Any]) -> "Pair":
        """Assemble both; `WrongConfig` when the second one has a problem, or the first one no plan."""
        now, wall = time.monotonic(), time.time()
        process = Process(clock=lambda: now, fleet=Fleet(), ledger=Ledger())
        old = assemble(before, process)
        if old.plan is None:
            raise WrongConfig(old.problems)
        new = assemble(after, process, old.plan)
        if new.plan is None or new.problems:
            raise WrongConfig(new.problems)
        guard = Guard(process.fleet, process.clock)
        cycle = Cycle(guard=guard, clock=process.clock, wall=lambda: wall, new_tag=str)
        return cls(before=old.plan, after=new.plan, cycle=cycle, problems=old.problems)

    @contextmanager
    def looking(self) -> Iterator[dict[str, list[str]]]:
        """Ask all sources and targets of both, and let none be acted on; what is wrong with them."""
        look_only(self.before, self.after)
        try:
            yield join(survey(self.before), survey(self.after))
        finally:
            close(self.before)
            close(self.after)

    def foretell(self, alteration: Alteration) -> Foretold:
        """The next cycle of an altered queue, without the guard."""
        return Foretold(
            alteration=alteration,
            before=self._run(self.before.queues.get(alteration.queue)),
            after=self._run(self.after.queues.get(alteration.queue)),
        )

    def _run(self, queue: Queue | None) -> Report | None:
        return None if queue is None else self.cycle.run(queue, act=False)


def join(*found: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """What is wrong with the sections of several plans, each sentence once."""
    titles = sorted({title for troubles in found for title in troubles})
    return {
        title: list(dict.fromkeys(text for troubles in found for text in troubles.get(title, ())))
        for title in titles
    }
