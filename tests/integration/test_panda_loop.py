"""The whole loop beside a real PanDA server, which stops in the middle, and a real pool."""

import os
from pathlib import Path

import pytest

from account import in_words, wrongs
from loop import Loop
from panda import Panda
from pools import Pool

OUTAGE = float(os.environ.get("APF_TEST_OUTAGE", "25"))  # seconds


def test_jobs_make_pilots_that_take_them_and_then_it_is_quiet(
    panda: Panda, pool: Pool, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def tell(line: str) -> None:
        with capsys.disabled():
            print(line)

    tell("")
    found = Loop(panda, pool, home, tell).run(OUTAGE)
    tell(in_words(found))
    assert wrongs(found) == []
