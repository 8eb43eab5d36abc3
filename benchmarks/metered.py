"""The factory's child with a meter at the bindings: the processor time that their calls take.

The total, in seconds, stands in the file that APF_BENCH_METER names, for who looks while it runs.
"""

import mmap
import os
import struct
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import htcondor2

from autopyfactory.clients.condor import process

TOTAL = struct.Struct("d")
CALLS = {
    htcondor2.Submit: ["__init__"],
    htcondor2.Schedd: ["submit", "query"],
    htcondor2.Collector: ["locate"],
}


def meter(total: mmap.mmap, call: Callable[..., Any]) -> Callable[..., Any]:
    """The same call, its time added to the total."""

    def metered(*arguments: Any, **more: Any) -> Any:
        began = time.process_time()
        try:
            return call(*arguments, **more)
        finally:
            TOTAL.pack_into(total, 0, TOTAL.unpack_from(total)[0] + time.process_time() - began)

    return metered


def main() -> int:
    """Be the child."""
    with Path(os.environ["APF_BENCH_METER"]).open("r+b") as file:
        total = mmap.mmap(file.fileno(), TOTAL.size)
    for kind, names in CALLS.items():
        for name in names:
            setattr(kind, name, meter(total, getattr(kind, name)))
    return process.main()


if __name__ == "__main__":
    sys.exit(main())
