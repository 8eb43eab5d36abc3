"""From a configuration to a plan: every problem found in one pass, and what is right is run."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from autopyfactory.app.problems import Problem
from autopyfactory.plan import Plan
from autopyfactory.sections import Process


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembly:
    """What a configuration comes to; `plan` is None only where `[factory]` itself is unusable."""

    plan: Plan | None
    problems: tuple[Problem, ...]


def assemble(tables: Mapping[str, Any], process: Process, previous: Plan | None = None) -> Assembly:
    """Make a plan of what was read; what is equal in `previous` is taken over from it."""
    raise NotImplementedError
