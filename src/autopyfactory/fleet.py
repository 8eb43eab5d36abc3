"""The fleet: what was last heard of all pilots of this factory, and what was granted since.

Belongs to the process, not to the plan.  A target that does not answer counts as its last known
pilots plus all granted since.
"""

import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from autopyfactory.model import Sibling, Supply


@dataclass(slots=True)
class Grant:
    """Pilots that a queue may start; it counts until a reading begun after its act ended has them."""

    queue: str
    count: int
    ended: float | None = None


@dataclass(slots=True)
class Known:
    """One target: its last reading and the grants that it cannot hold yet."""

    begun: float = float("-inf")
    total: int = 0
    certain: int = 0  # without those that may not exist
    supplies: dict[str, Supply] = field(default_factory=dict)
    grants: list[Grant] = field(default_factory=list)

    def add(self) -> None:
        """Add up the supplies."""
        self.total = sum(supply.pilots for supply in self.supplies.values())
        self.certain = self.total - sum(supply.uncertain for supply in self.supplies.values())

    def granted(self) -> int:
        """Pilots granted and not yet in the reading."""
        return sum(grant.count for grant in self.grants)


class Fleet:
    """Counts over all queues.  Not locked: `lock` is the guard's, which holds it to look and to reserve."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._targets: dict[str, Known] = {}
        self._homes: dict[str, str] = {}

    def saw(self, target: str, supplies: Mapping[str, Supply], begun: float) -> None:
        """A reading of `target` that began at `begun` (monotonic)."""
        with self.lock:
            known = self._targets.setdefault(target, Known())
            known.begun = begun
            known.supplies.update(supplies)
            known.add()
            known.grants = [grant for grant in known.grants if grant.ended is None or grant.ended > begun]
            self._homes.update(dict.fromkeys(supplies, target))

    def forget(self, target: str, queues: Collection[str]) -> None:
        """These queues no longer send pilots to this target."""
        with self.lock:
            known = self._targets.get(target, Known())
            for queue in queues:
                known.supplies.pop(queue, None)
            known.add()

    def grant(self, target: str, queue: str, count: int) -> Grant:
        """Count `count` pilots as being there from now on."""
        grant = Grant(queue, count)
        with self.lock:
            self._targets.setdefault(target, Known()).grants.append(grant)
            self._homes.setdefault(queue, target)
        return grant

    def at(self, target: str) -> int:
        """Pilots at one target, granted ones too."""
        with self.lock:
            known = self._targets.get(target)
            return known.total + known.granted() if known else 0

    def total(self) -> int:
        """Pilots at all targets, granted ones too."""
        with self.lock:
            return sum(known.total + known.granted() for known in self._targets.values())

    def reading(self, target: str) -> tuple[int, float]:
        """The pilots that the last reading of this target surely held, and when it began."""
        with self.lock:
            known = self._targets.get(target, Known())
            return known.certain, known.begun

    def sibling(self, queue: str, weight: float) -> Sibling:
        """What is known of another queue."""
        with self.lock:
            known = self._targets.get(self._homes.get(queue, ""), Known())
            supply = known.supplies.get(queue, Supply())
            granted = sum(grant.count for grant in known.grants if grant.queue == queue)
        return Sibling(queue=queue, weight=weight, pending=supply.pending + granted, running=supply.running)
