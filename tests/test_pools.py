"""How the scripts of the test bed are run."""

from pathlib import Path

import pytest

from pools import TESTBED, run


@pytest.mark.parametrize("name", ["PIP_CONSTRAINT", "PIP_BUILD_CONSTRAINT"])
def test_a_service_is_installed_without_the_versions_of_who_tests(name: str, tmp_path: Path) -> None:
    settings = {name: "/of/the/factory.txt", "TB_CACHE": str(tmp_path)}
    printed = run(["bash", "-c", '. "$1"; env', "bash", str(TESTBED / "lib.sh")], settings)
    assert "TB_CACHE=" in printed
    assert "factory.txt" not in printed
