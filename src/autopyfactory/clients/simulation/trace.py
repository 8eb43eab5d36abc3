"""A trace: the recorded arrivals of jobs, a line 'SECONDS,JOBS' for each."""

from collections.abc import Iterator
from itertools import pairwise
from math import isfinite
from pathlib import Path

from autopyfactory.clients.simulation.arrivals import Arrival
from autopyfactory.errors import ConfigError


def read_trace(path: Path) -> list[Arrival]:
    """The arrivals of a file, in order; `ConfigError` names the line that is wrong.

    Empty lines, and those that begin with '#', are passed over.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise ConfigError(f"{path} cannot be read: {reason}") from error
    found = list(read_lines(path, text))
    for (before, _), (after, _) in pairwise(found):
        if after < before:
            raise ConfigError(f"{path}: {after:g} s stands behind {before:g} s; sort the lines by time")
    return found


def read_lines(path: Path, text: str) -> Iterator[Arrival]:
    """Line by line."""
    for number, line in enumerate(text.splitlines(), 1):
        seconds, _, jobs = line.partition(",")
        if not line.strip() or line.startswith("#"):
            continue
        try:
            arrival = float(seconds), int(jobs)
        except ValueError as error:
            raise ConfigError(f"{path}: line {number}: {line[:60]!r} is not 'SECONDS,JOBS'") from error
        if not isfinite(arrival[0]) or min(arrival) < 0:
            raise ConfigError(f"{path}: line {number}: seconds and jobs are 0 or more")
        yield arrival
