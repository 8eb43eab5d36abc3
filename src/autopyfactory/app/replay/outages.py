"""Outages of a record: when a source or a target, asked by its queues, gave no answer to any of them."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple


class Sight(NamedTuple):
    """A queue asked a section: when, and whether it answered."""

    wall: float
    queue: str
    answered: bool


def outages(sights: Iterable[Sight]) -> Iterator[tuple[float, float]]:
    """From when to when nobody had an answer: from the first failure to the next answer to whomever.

    What one of several queues alone had no answer to is no outage: the section did not know that queue.
    """
    known = sorted(sights)
    several = len({sight.queue for sight in known}) > 1
    begin, failed = 0.0, set[str]()
    for sight in known:
        if not sight.answered:
            begin = begin if failed else sight.wall
            failed.add(sight.queue)
            continue
        if len(failed) > several:
            yield begin, sight.wall
        failed.clear()
    if len(failed) > several and known[-1].wall > begin:
        yield begin, known[-1].wall
