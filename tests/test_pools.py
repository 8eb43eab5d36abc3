"""How the scripts of the test bed are run."""

import os
import subprocess
from pathlib import Path

import pytest

TESTBED = Path(__file__).parent / "testbed"


@pytest.mark.parametrize("name", ["PIP_CONSTRAINT", "PIP_BUILD_CONSTRAINT"])
def test_a_service_is_installed_without_the_versions_of_who_tests(name: str, tmp_path: Path) -> None:
    environment = {**os.environ, name: "/of/the/factory.txt", "TB_CACHE": str(tmp_path)}
    words = ["bash", "-c", '. "$1"; env', "bash", str(TESTBED / "lib.sh")]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=30, check=True)
    assert "TB_CACHE=" in done.stdout
    assert "factory.txt" not in done.stdout
