"""The process that speaks to HTCondor, as far as no HTCondor is needed."""

import subprocess
import sys

DROP = """
import ctypes, sys
from autopyfactory.clients.condor.process import keep_none
keep_none()
ctypes.c_ssize_t.from_address(id(None)).value -= 1_000_000
print(repr([None]))
"""


def test_none_survives_a_million_references_too_few() -> None:
    done = subprocess.run([sys.executable, "-c", DROP], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "[None]\n"), done.stderr
