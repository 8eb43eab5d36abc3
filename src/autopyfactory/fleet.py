"""The fleet: what was last heard of all pilots of this factory, and what was granted since.

Belongs to the process, not to the plan.  A target that does not answer counts as its last known
pilots plus all granted since; one whose pilots suddenly fall counts as before until a second reading
agrees.
"""

import math
import threading
from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from autopyfactory.model import Sibling, Supply
from autopyfactory.steady import Belief, Steady

ACTS = 100  # submissions of a queue that are remembered; many more than one demand sees


@dataclass(slots=True)
class Grant:
    """Pilots that a queue may start; it counts until a reading begun after its act ended has them."""

    queue: str
    count: int
    known: "Known" = field(repr=False)
    ended: float | None = None

    def settle(self, used: int, now: float) -> None:
        """Its act has ended, having used so many."""
        self.known.granted += used - self.count
        self.count, self.ended = used, now


@dataclass(slots=True)
class Known:
    """One target: its last reading and the grants that it cannot hold yet."""

    belief: Belief | None = None
    total: int = 0
    granted: int = 0  # the sum of `grants`
    pilots: int = 0  # all that were read, granted since, or believed to be there though a reading lacks them
    supplies: dict[str, Supply] = field(default_factory=dict)
    grants: list[Grant] = field(default_factory=list)

    def count(self) -> None:
        """Count `pilots` anew."""
        belief, missing = self.belief, 0
        if belief is not None and belief.suspect is not None:
            missing = belief.level - belief.suspect
        self.pilots = self.total + self.granted + missing

    def grant(self, queue: str, count: int) -> Grant:
        """Count so many more."""
        self.grants.append(Grant(queue, count, self))
        self.granted += count
        return self.grants[-1]


class Fleet:
    """Counts over all queues, under one `lock`, which the guard holds to look and to reserve."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.steady = Steady(share=0.5, least=10)
        self._targets: dict[str, Known] = {}
        self._total = 0  # their pilots, counted when they change, for every cycle of every queue asks
        self._submitted: dict[str, deque[tuple[float, int]]] = {}

    def saw(self, target: str, supplies: Mapping[str, Supply], begun: float) -> None:
        """A reading of `target` that began at `begun` (monotonic); what it lacks stays as it was."""
        with self.lock:
            known = self._targets.setdefault(target, Known())
            known.supplies.update(supplies)
            known.total = sum(supply.pilots for supply in known.supplies.values())
            certain = known.total - sum(supply.uncertain for supply in known.supplies.values())
            known.belief = self.steady.look(("target", target), certain, begun)
            known.grants = [
                grant
                for grant in known.grants
                if grant.queue not in supplies or grant.ended is None or grant.ended > begun
            ]
            known.granted = sum(grant.count for grant in known.grants)
            self._count(known)

    def inhabited(self, target: str) -> frozenset[str]:
        """The queues that had pilots at this target when it was last heard, or were granted some since."""
        with self.lock:
            known = self._targets.get(target, UNHEARD)
            granted = {grant.queue for grant in known.grants}
            return frozenset(granted | {name for name, supply in known.supplies.items() if supply.pilots})

    def forget(self, target: str, queues: Collection[str]) -> None:
        """These queues have no pilots at this target any more, and will send none."""
        with self.lock:
            known = self._targets.get(target, UNHEARD)
            for queue in queues:
                known.supplies.pop(queue, None)
                self.steady.forget(("supply", target, queue))

    def drop(self, target: str) -> None:
        """This target is no longer served; whatever pilots it has are nobody's business."""
        with self.lock:
            known = self._targets.pop(target, None)
            if known is not None:
                self._count(known)
            self.steady.forget(("target", target))

    def grant(self, target: str, queue: str, count: int) -> Grant:
        """Count `count` pilots as being there from now on."""
        with self.lock:
            known = self._targets.setdefault(target, Known())
            grant = known.grant(queue, count)
            self._count(known)
            return grant

    def settle(self, grant: Grant, used: int, now: float) -> None:
        """The act of this grant has ended, having started `used` pilots, or perhaps started them."""
        with self.lock:
            grant.settle(used, now)
            self._count(grant.known)
            if used:
                acts = self._submitted.setdefault(grant.queue, deque(maxlen=ACTS))
                acts.append((now, used))

    def began_since(self, queue: str, supply: Supply, moment: float) -> int:
        """Pilots of a queue that began to run after `moment` (monotonic), whatever became of them.

        Some targets tell; and of those submitted since, all that no longer wait have begun.
        """
        if moment == math.inf:
            return 0
        submitted = 0
        with self.lock:
            for when, count in reversed(self._submitted.get(queue, ())):
                if when <= moment:
                    break
                submitted += count
        return max(supply.started_since(moment), submitted - supply.pending)

    def at(self, target: str) -> int:
        """Pilots at one target, granted ones too."""
        return self._targets.get(target, UNHEARD).pilots

    def total(self) -> int:
        """Pilots at all targets, granted ones too."""
        return self._total

    def belief(self, target: str) -> Belief | None:
        """What is believed of all pilots at a target; None before its first reading."""
        return self._targets.get(target, UNHEARD).belief

    def sibling(self, queue: str, weight: float, since: float) -> Sibling:
        """What is known of another queue, at all targets; `since` is when the common work was counted."""
        pending = running = taking = 0
        with self.lock:
            for known in self._targets.values():
                supply = known.supplies.get(queue, NOBODY)
                granted = sum(grant.count for grant in known.grants if grant.queue == queue)
                pending += supply.pending + granted
                running += supply.running
                taking += supply.idle or 0
                whole = replace(supply, pending=supply.pending + granted)
                taking += self.began_since(queue, whole, since) if queue in known.supplies else 0
        return Sibling(queue=queue, weight=weight, pending=pending, running=running, taking=taking)

    def _count(self, changed: Known) -> None:
        """Count anew what a target has, and all."""
        changed.count()
        self._total = sum(known.pilots for known in self._targets.values())


NOBODY = Supply()
UNHEARD = Known()  # of a target that has neither answered nor been sent anything; never written to
