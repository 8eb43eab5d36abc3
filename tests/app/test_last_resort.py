"""A process that hangs ends all the same."""

import subprocess
import sys
import time

import pytest

PROGRAM = """
import logging, sys, threading
from autopyfactory.app.last_resort import LastResort
logging.basicConfig(format="%(message)s")
resort = LastResort()
if sys.argv[1] == "armed":
    resort.arm(0.6)
threading.Event().wait(float(sys.argv[2]))
"""


@pytest.mark.parametrize(
    ("word", "hangs", "code", "said"),
    [("armed", 60.0, 1, "not ended 0.6 s after it was told to"), ("idle", 1.0, 0, "")],
)
def test_it_ends_the_process_only_where_it_is_armed(word: str, hangs: float, code: int, said: str) -> None:
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, word, str(hangs)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, time.monotonic() - began < 30) == (code, True)
    assert done.stderr.startswith(said)
    assert bool(done.stderr) == bool(said)
