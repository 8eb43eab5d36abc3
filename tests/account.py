"""What a run of the loop came to, as schedd, pilots and the factory's history tell it."""

import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import accumulate
from pathlib import Path
from typing import Any, NamedTuple

from daemons import apf
from pools import Pool

TAKEN = re.compile(r"^job \d+ \w+ with a (\w+)$", re.MULTILINE)
LATE = 4.0  # seconds for which what was counted before may still be believed: an interval, an age, a second


class Span(NamedTuple):
    """The life of one pilot in its schedd, in seconds since the epoch."""

    queue: str
    begin: float
    end: float


def sum_up(config: Path, pool: Pool, away: tuple[float, float]) -> dict[str, Any]:
    """The figures of a run; the server was not there from `away[0]` to `away[1]`."""
    settings = tomllib.loads(config.read_text())
    spans = lives(pool, settings["factory"]["id"])
    queues = json.loads(apf("catalog", config, "--json").stdout)["catalogs"][0]["queues"]
    reports = [report for queue in queues for report in told(config, queue)]
    limits = {rule["kind"]: rule.get("limit") for rule in settings["defaults"]["policies"]}
    served = {span.queue for span in spans}
    outputs = [file.read_text() for file in config.parent.glob("logs/*/*/*.out")]
    return {
        "pilots": len(spans),
        "empty_pilots": sum("no job" in text for text in outputs),
        "taken_with": count(way for text in outputs for way in TAKEN.findall(text)),
        "peak_pilots": peak(spans),
        "cap": limits["max_to_run"] * len(served),
        "peaks": {queue: peak(span for span in spans if span.queue == queue) for queue in sorted(served)},
        "cap_of_queue": limits["max_to_run"],
        "retired": sum(len(report["retired"]) for report in reports),
        "demand": left(newest(reports)),
        "peak_per_cycle": max(len(report["submitted"]) for report in reports),
        "cap_per_cycle": limits["max_per_cycle"],
        "outage": silence(reports, spans, away),
    }


def in_words(found: Mapping[str, Any]) -> str:
    """The figures for people."""
    outage, noted = found["outage"], "\n  ".join(found["outage"]["errors"])
    ways = ", ".join(f"{number} with a {way}" for way, number in found["taken_with"].items())
    return (
        f"{found['finished']} of {found['jobs']} jobs finished after {found['seconds']:.0f} s, {ways};"
        f" {found['demand']} are left.\n"
        f"{found['pilots']} pilots, {found['empty_pilots']} of them without a job; at most"
        f" {found['peak_pilots']} at once, where the policies allow {found['cap']}.\n"
        f"The server was away for {outage['seconds']:.0f} s. Of {outage['cycles']} cycles meanwhile"
        f" {outage['cycles_that_failed']} said so, and {outage['pilots_submitted']} pilots were submitted.\n"
        f"  {noted}"
    )


def wrongs(found: Mapping[str, Any]) -> list[str]:
    """What is not as it must be."""
    outage, jobs = found["outage"], found["jobs"]
    rules = {
        "jobs are left": found["finished"] != jobs or found["demand"] != 0,
        "the job that nobody may fetch was touched": found["aside"] != 1,
        "pilots had no job": found["empty_pilots"] > jobs // 10,
        "a way of proving was not used": found["taken_with"] != {"proxy": jobs // 2, "token": jobs // 2},
        "more pilots than the policies allow": found["peak_pilots"] > found["cap"]
        or max(found["peaks"].values()) > found["cap_of_queue"]
        or found["peak_per_cycle"] > found["cap_per_cycle"],
        "a burst came after the server was back": outage["pilots_in_10_s_after"] > found["cap"],
        "pilots were retired": found["retired"] > 0,
        "pilots were submitted while demand was unknown": outage["pilots_submitted"] > 0,
        "a cycle acted while demand was unknown": outage["cycles_that_acted"] > 0,
        "a cycle did not say that demand was unknown": outage["cycles_that_failed"] < outage["cycles"],
        "there was no cycle while the server was away": outage["cycles"] == 0,
    }
    return [rule for rule, is_so in rules.items() if is_so]


def silence(
    reports: Iterable[Mapping[str, Any]], spans: Iterable[Span], away: tuple[float, float]
) -> dict[str, Any]:
    """What happened while the server was away and what it had said before was too old to believe."""
    begin, end = away[0] + LATE, away[1]
    inside = [
        report for report in reports if begin <= datetime.fromisoformat(report["began"]).timestamp() < end
    ]
    acted = [one for one in inside if one["submitted"] or one["retired"] or one["uncertain"]]
    return {
        "seconds": round(end - away[0], 1),
        "cycles": len(inside),
        "cycles_that_failed": sum(one["error"] is not None for one in inside),
        "cycles_that_acted": len(acted),
        "pilots_submitted": sum(begin <= span.begin < end for span in spans),
        "pilots_in_10_s_after": sum(0 <= span.begin - end < 10 for span in spans),
        "errors": sorted({one["error"] for one in inside if one["error"]}),
    }


def lives(pool: Pool, factory: str) -> list[Span]:
    """All pilots that the schedd ever had of a factory."""
    wanted = "MATCH_APF_QUEUE,QDate,CompletionDate"
    mine = f'APF_FACTORY == "{factory}"'
    text = pool.tool("condor_history", "-json", "-constraint", mine, "-attributes", wanted)
    ads = [*json.loads(text or "[]"), *pool.jobs(mine, *wanted.split(","))]
    return [Span(ad["MATCH_APF_QUEUE"], ad["QDate"], ad["CompletionDate"] or float("inf")) for ad in ads]


def told(config: Path, queue: str) -> list[dict[str, Any]]:
    """All reports of a queue."""
    done = apf("history", queue, config, "--since", "1d", "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def newest(reports: Iterable[Mapping[str, Any]]) -> Iterable[Mapping[str, Any]]:
    """Of every queue the last report that knew its demand: the end of the factory cuts cycles off."""
    found = list(reports)
    last = {report["queue"]: report for report in found}
    return (last | {one["queue"]: one for one in found if one["demand"] is not None}).values()


def left(reports: Iterable[Mapping[str, Any]]) -> int | None:
    """The work that these reports know of; None if one of them knows nothing."""
    known = [report["demand"] for report in reports]
    return None if None in known else sum(demand["ready"] + demand["running"] for demand in known)


def peak(spans: Iterable[Span]) -> int:
    """How many there were at once at most, to the second in which the schedd wrote it down."""
    lives = list(spans)
    changes = sorted([(one.begin, 1) for one in lives] + [(one.end, -1) for one in lives])
    return max(accumulate(change for _, change in changes), default=0)


def count(words: Iterable[str]) -> dict[str, int]:
    """How often each is there."""
    found = list(words)
    return {word: found.count(word) for word in sorted(set(found))}
