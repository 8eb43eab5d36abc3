"""What one pilot asks for, in the units that batch systems count in."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

MIB = 2**20
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What one pilot asks for."""

    cores: int
    memory: int | None = None  # bytes, of all cores together
    wall_time: timedelta | None = None

    @property
    def megabytes(self) -> int | None:
        """The memory in what HTCondor counts in, rounded up."""
        return None if self.memory is None else math.ceil(self.memory / MIB)

    @property
    def minutes(self) -> int | None:
        """The wall time, rounded up."""
        return None if self.wall_time is None else math.ceil(self.wall_time / MINUTE)


def needs(request: Request) -> dict[str, str]:
    """What HTCondor itself calls the needs of a job."""
    return written({"request_cpus": request.cores, "request_memory": request.megabytes})


def written(commands: Mapping[str, object]) -> dict[str, str]:
    """Those commands that have a value."""
    return {name: str(value) for name, value in commands.items() if value is not None}


def per_core(request: Request) -> int | None:
    """Bytes for each core, rounded up."""
    return None if request.memory is None else math.ceil(request.memory / request.cores)
