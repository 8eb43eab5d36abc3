"""A process ends at once, whoever stands still."""

import os
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import sys, threading
from autopyfactory.app.ending import leave
threading.Thread(target=sys.stderr.write, args=("x" * 2**20,), daemon=True).start()
print("the answer", end="")
threading.Event().wait(0.3)
leave(7)
"""


def test_a_reader_of_standard_error_who_stands_still_delays_no_end_and_costs_no_answer(
    tmp_path: Path,
) -> None:
    reader, writer = os.pipe()
    with (tmp_path / "out").open("w") as out, os.fdopen(reader), os.fdopen(writer, "w") as errors:
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM], stdout=out, stderr=errors, timeout=60, check=False
        )
    assert done.returncode == 7
    assert (tmp_path / "out").read_text() == "the answer"
