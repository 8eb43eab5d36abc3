"""What a pilot may have at a queue: cores, memory and time, whose units differ from field to field."""

import re
from dataclasses import dataclass
from typing import Any

from autopyfactory.clients.cric.records import Record, positive, text, words

SPECIAL = re.compile(r"\(\s*(\w+)\s*=\s*([^()]*?)\s*\)")
LONGEST = 400 * 86_400  # seconds; what is longer stands for no limit
PER_CORE = "per_core_attr"
NO_QUEUE = {"", "default"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """What one pilot gets at one queue of one CE; None where the catalogue does not limit it."""

    cores: int
    memory: int | None  # MiB, of all cores together
    seconds: int | None
    queue: str  # of the CE; empty: its usual one


def measure(record: Record, entrance: Record) -> Measures:
    """Of a PanDA queue, and of one of its CE queues; `special_par` has the last word."""
    special = dict(SPECIAL.findall(text(record.get("special_par"))))
    cores = positive(special.get("xcount")) or positive(record.get("corecount")) or 1
    memory = positive(record.get("maxrss"))
    if memory is not None and PER_CORE in words(record.get("catchall")):
        memory *= cores
    return Measures(
        cores=cores,
        memory=positive(special.get("maxMemory")) or memory,
        seconds=find_time(record, entrance, special.get("maxWallTime")),
        queue=special.get("queue") or name_queue(entrance),
    )


def find_time(record: Record, entrance: Record, special: Any) -> int | None:
    """Seconds: the smaller of the CE's limit, in minutes, and PanDA's, in seconds."""
    minutes = positive(special) or positive(entrance.get("ce_queue_maxwctime"))
    limits = [positive(record.get("maxtime")), None if minutes is None else minutes * 60]
    known = [limit for limit in limits if limit is not None and limit <= LONGEST]
    return min(known, default=None)


def name_queue(entrance: Record) -> str:
    """The queue of a CE; the word 'default' stands for none."""
    name = text(entrance.get("ce_queue_name"))
    return "" if name.lower() in NO_QUEUE else name
