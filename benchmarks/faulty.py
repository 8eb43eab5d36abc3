"""The factory's child with a schedd whose queries fail, or come back empty, while a file says so."""

import os
import sys
from pathlib import Path
from typing import Any

import htcondor2

from autopyfactory.clients.condor import process

FAULT = Path(os.environ.get("APF_BENCH_FAULT", os.devnull))
ASK = htcondor2.Schedd.query


def query(schedd: Any, *asked: Any, **more: Any) -> Any:
    """What the schedd answers, or the fault that is on."""
    fault = FAULT.read_text() if FAULT.exists() else ""
    if fault == "error":
        raise htcondor2.HTCondorException("the benchmark lets queries fail")
    return [] if fault == "empty" else ASK(schedd, *asked, **more)


if __name__ == "__main__":
    htcondor2.Schedd.query = query
    sys.exit(process.main())
