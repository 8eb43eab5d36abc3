"""Siblings: queues that serve the same work."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from autopyfactory.cycle import Queue
from autopyfactory.model import Need
from autopyfactory.policies.ready import Ready
from autopyfactory.policies.scale import Scale
from autopyfactory.policies.share import Share


def groups(queues: Iterable[Queue]) -> list[list[Queue]]:
    """Queues with the same work at the same source, together; each queue is in one group."""
    found: dict[Any, list[Queue]] = {}
    for queue in queues:
        known = Need.DEMAND in queue.source.plugin.gives
        key = (queue.source.name, queue.work) if known else queue.name
        found.setdefault(key, []).append(queue)
    return list(found.values())


def introduce(queues: Mapping[str, Queue]) -> dict[str, Queue]:
    """The queues, each with the names and weights of its siblings; who knows them already stays as it is."""
    known = {queue.name: others(queue, group) for group in groups(queues.values()) for queue in group}
    return {
        name: queue if queue.siblings == known[name] else replace(queue, siblings=known[name])
        for name, queue in queues.items()
    }


def others(queue: Queue, group: Iterable[Queue]) -> tuple[tuple[str, float], ...]:
    """All of a group but one."""
    return tuple(sorted((other.name, other.weight) for other in group if other is not queue))


def is_greedy(queue: Queue) -> bool:
    """Whether it takes all the work, whatever its siblings take: no share, no scale, no overflow rule."""
    asks = any(Need.DEMAND in policy.needs for policy in queue.policies)
    return asks and not any(
        isinstance(policy, Share | Scale) or (isinstance(policy, Ready) and policy.offset > 0)
        for policy in queue.policies
    )
