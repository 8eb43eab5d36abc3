"""The limits of coverage bite where they should."""

import pytest

from coverage_limits import failures

CORE_FILE, PLUGIN = "src/autopyfactory/cycle.py", "src/autopyfactory/targets/local.py"


@pytest.mark.parametrize(
    ("covered", "core", "short"),
    [
        ({CORE_FILE: 100.0, PLUGIN: 90.0}, False, []),
        ({CORE_FILE: 99.9, PLUGIN: 90.0}, False, [CORE_FILE]),
        ({CORE_FILE: 100.0, PLUGIN: 89.9}, False, [PLUGIN]),
        ({CORE_FILE: 99.9, PLUGIN: 10.0}, True, [CORE_FILE]),
        ({CORE_FILE: 100.0, PLUGIN: 10.0}, True, []),
    ],
)
def test_a_file_below_its_limit_is_named(covered: dict[str, float], core: bool, short: list[str]) -> None:
    assert [line.split(":")[0] for line in failures(covered, core=core)] == short
