"""The kinds of grid that there are, and what became of those that were."""

import difflib
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from autopyfactory.clients.condor.grid import Arc, Batch, Condor, Ec2

CE = "HTCondor-CEs are { kind = 'condor', host = '...' }, ARC CEs { kind = 'arc', endpoint = '...' }"
BATCH = "local batch systems are { kind = 'batch', system = '%s' }"
REPLACED = {
    **dict.fromkeys(("gt2", "gt5", "cream", "unicore"), CE),
    "nordugrid": "today ARC CEs are { kind = 'arc', endpoint = 'https://HOST:443' }",
    "deltacloud": "clouds with Amazon's interface are { kind = 'ec2', ... }",
    **{system: BATCH % system for system in ("pbs", "slurm", "lsf", "sge")},
}
"""Grid types that HTCondor has no more, and what stands in their place."""


KINDS = ("arc", "batch", "condor", "ec2")


def check_kind(table: Any) -> Any:
    """A kind that there is; of one that there was, what replaced it."""
    kind = table.get("kind") if isinstance(table, Mapping) else None
    if not isinstance(table, Mapping) or kind in KINDS:
        return table
    if isinstance(kind, str) and kind in REPLACED:
        raise ValueError(f"kind = '{kind}' is no grid kind of today's HTCondor: {REPLACED[kind]}")
    if kind is None:
        raise ValueError(f"kind is missing; there are: {', '.join(KINDS)}")
    near = difflib.get_close_matches(str(kind)[:60].lower(), KINDS, 1)
    hint = f"did you mean '{near[0]}'?" if near else f"there are: {', '.join(KINDS)}"
    raise ValueError(f"kind = {str(kind)[:60]!r} is no grid kind; {hint}")


Grid = Annotated[
    Annotated[Condor | Arc | Batch | Ec2, Field(discriminator="kind")], BeforeValidator(check_kind)
]
