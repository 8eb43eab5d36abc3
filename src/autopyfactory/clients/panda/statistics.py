"""Counts of active jobs as PanDA answers them: by site, resource type, label and state."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

ACTIVE = "statistics/active_job_detailed_stats_by_site"
MOST = 10**9  # jobs; more is a fault of who counts


def by_site(data: Any) -> Mapping[str, Any]:
    """The counts of each site; `ValueError` where the answer is no table."""
    return table(data, "counts of active jobs")


def add_up(
    counts: Any,
    *,
    types: Collection[str],
    labels: Collection[str],
    cores: Callable[[str], int],
) -> tuple[Counter[str], Counter[str]]:
    """Jobs and cores by state, of one site; no types or labels: all of them.

    `cores` tells how many cores a job of a resource type has.  Raises `ValueError` where a count is none.
    """
    jobs: Counter[str] = Counter()
    used: Counter[str] = Counter()
    for kind, label, by_state in cells(counts):
        if (types and kind not in types) or (labels and label not in labels):
            continue
        each = cores(kind)
        for state, count in by_state.items():
            if type(count) is not int or not 0 <= count <= MOST:
                raise ValueError(f"{count!r} is no number of jobs ({kind}, {label}, {state})")
            jobs[state] += count
            used[state] += count * each
    return jobs, used


def cells(counts: Any) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Resource type, label, and counts by state."""
    for kind, by_label in table(counts, "counts of a site").items():
        for label, by_state in table(by_label, f"counts of {kind}").items():
            yield kind, label, table(by_state, f"counts of {kind}, {label}")


def table(value: Any, what: str) -> Mapping[str, Any]:
    """The value, which must be a table."""
    if not isinstance(value, dict):
        raise ValueError(f"{what} are no table but {value!r:.40}")
    return value
