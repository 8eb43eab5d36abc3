"""Jobs in trouble, in sentences: why jobs are held, and which resources of grid jobs are down."""

from collections import Counter, defaultdict
from typing import Any, NamedTuple

from autopyfactory.clients.condor.pool import Pool
from autopyfactory.clients.condor.spool import SPOOLING
from autopyfactory.fields import timestamp

HELD = 5
AT = {  # JobStatus: what jobs do at a resource that is down
    1: "pending for",
    2: "running, when last heard of, at",
    3: "retiring, once it answers, at",
}
JOBS = 5000  # looked at in one reading
SENTENCES = 5  # for one value of the key
WORDS = 160  # characters of the schedd's own words
UNKNOWN = 0
CODES = {  # HoldReasonCode, as far as pilots meet them
    1: "held by a user",
    2: "error of the remote side",
    3: "periodic_hold",
    4: "credential is not valid",
    6: "cannot start the program",
    7: "cannot open output",
    8: "cannot open input",
    12: "transfer of output failed",
    13: "transfer of input failed",
    14: "no initial folder",
    15: "submitted on hold",
    21: "policy of the worker node",
    22: "cannot write the job's log",
    26: "policy of the schedd",
    34: "used more memory than it asked for",
    46: "ran longer than allowed",
    47: "ran longer than allowed",
}


class Group(NamedTuple):
    """What jobs of one sentence have in common."""

    key: str
    status: int
    code: int
    resource: str


def troubles(pool: Pool, where: str, key: str) -> dict[str, list[str]]:
    """Sentences by value of `key`, the largest numbers first."""
    is_down = "JobStatus >= 1 && JobStatus <= 3 && GridResourceUnavailableTime isnt undefined"
    wanted = [key, "JobStatus", "HoldReasonCode", "HoldReason", "GridResource", "GridResourceUnavailableTime"]
    is_held = f"JobStatus == {HELD} && HoldReasonCode =!= {SPOOLING}"
    ads = pool.query(f"({where}) && (({is_held}) || ({is_down}))", wanted, limit=JOBS + 1)
    at_least = "at least " if len(ads) > JOBS else ""
    counts: Counter[Group] = Counter()
    words: dict[Group, str] = {}
    for ad in ads[:JOBS]:
        group = Group(str(ad.get(key, "")), ad["JobStatus"], *subject(ad))
        counts[group] += 1
        words[group] = min(words.get(group, "~"), said(ad))  # of several resources' times the first
    found: defaultdict[str, list[str]] = defaultdict(list)
    for group, count in counts.most_common():
        if len(found[group.key]) < SENTENCES:
            found[group.key].append(f"{at_least}{count} {sentence(group, words[group])}")
    return dict(found)


def subject(ad: Any) -> tuple[int, str]:
    """What a sentence is about: a code, or a resource."""
    if ad["JobStatus"] == HELD:
        return ad.get("HoldReasonCode", UNKNOWN), ""
    return UNKNOWN, str(ad.get("GridResource", "unnamed"))


def said(ad: Any) -> str:
    """The schedd's own words, or since when."""
    if ad["JobStatus"] == HELD:
        return " ".join(str(ad.get("HoldReason", "")).split())[:WORDS]
    return timestamp(int(ad["GridResourceUnavailableTime"]))


def sentence(group: Group, words: str) -> str:
    """'held: code 12 (transfer of output failed): ...', 'pending for a resource that is down since ...'."""
    if group.status == HELD:
        name = f" ({CODES[group.code]})" if group.code in CODES else ""
        return f"held: code {group.code}{name}{': ' if words else ''}{words}"
    return f"{AT[group.status]} a resource that is down since {words}: {group.resource}"
