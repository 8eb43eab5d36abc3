"""The table of those who wait is as wide as was asked, where the kernel has one for each process."""

import subprocess
import sys

from autopyfactory.app.futexes import PLACES, PR_FUTEX_HASH

GET_SLOTS = 2
PROGRAM = f"""
import ctypes
from autopyfactory.app.futexes import widen
print(widen(), ctypes.CDLL(None).prctl({PR_FUTEX_HASH}, {GET_SLOTS}, 0, 0, 0))
"""


def test_all_who_will_wait_get_a_place() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert done.stdout.split() in (["True", str(PLACES)], ["False", "0"], ["False", "-1"])
