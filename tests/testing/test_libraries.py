"""Without its libraries the kit says what to install."""

import subprocess
import sys

import pytest

WITHOUT = """
import sys
sys.modules[{name!r}] = None
import autopyfactory.testing
"""


@pytest.mark.parametrize("name", ["hypothesis", "pytest"])
def test_it_says_what_is_missing_and_how_to_get_it(name: str) -> None:
    answer = subprocess.run(
        [sys.executable, "-c", WITHOUT.format(name=name)], capture_output=True, text=True, timeout=60
    )
    last = answer.stderr.splitlines()[-1]
    advice = "pip install 'autopyfactory[testing]'"
    assert last == f"ModuleNotFoundError: autopyfactory.testing needs '{name}': {advice}"
