"""The factory's child with a meter at the bindings: the processor time that their calls take.

To load them counts as well.  A call within a call counts once, and what a call made is let go at the
end of a later one, so that this counts, too.  The total, in seconds, stands in the file that
APF_BENCH_METER names, for who looks while it runs.
"""

import mmap
import os
import struct
import sys
import time
from collections import deque
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from autopyfactory.clients.condor import process

TOTAL = struct.Struct("d")
KEPT = 3  # calls: a submission, the making of what it submits, and that of the next
CALLS = {"Submit": ["__init__"], "Schedd": ["submit", "query"], "Collector": ["locate"]}


class Meter:
    """Adds up the time of calls."""

    def __init__(self, total: mmap.mmap) -> None:
        self._total = total
        self._is_within = False
        self._made: deque[Any] = deque(maxlen=KEPT)  # by the last calls, with what they were given

    def at(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """The same call, metered."""

        def metered(*arguments: Any, **more: Any) -> Any:
            if self._is_within:
                return call(*arguments, **more)
            self._is_within, began = True, time.process_time()
            try:
                made = call(*arguments, **more)
                self._made.append((arguments, made))
                return made
            finally:
                self._is_within, spent = False, time.process_time() - began
                TOTAL.pack_into(self._total, 0, TOTAL.unpack_from(self._total)[0] + spent)

        return metered


def main() -> int:
    """Be the child."""
    with Path(os.environ["APF_BENCH_METER"]).open("r+b") as file:
        meter = Meter(mmap.mmap(file.fileno(), TOTAL.size))
    bindings = meter.at(import_module)("htcondor2")
    for name, calls in CALLS.items():
        kind = getattr(bindings, name)
        for call in calls:
            setattr(kind, call, meter.at(getattr(kind, call)))
    return process.main()


if __name__ == "__main__":
    sys.exit(main())
